/// The choices that an input makes, one after the other; an input that ends too early makes the first ones.
struct InputBytes {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  mutating func number() -> Int { Int(byte()) | Int(byte()) << 8 }

  /// A number below `count`, at most 256.
  mutating func choice(_ count: Int) -> Int { Int(byte()) % count }

  mutating func pick<T>(_ choices: [T]) -> T { choices[choice(choices.count)] }

  /// The next `count` bytes, or what is left.
  mutating func slice(_ count: Int) -> [UInt8] {
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  /// All bytes that are left.
  mutating func remainder() -> [UInt8] { slice(rest.count) }

  /// Coordinates of any bit pattern, those of the remainder again and again.
  mutating func floats(_ count: Int) -> [Float] {
    let style = choice(3)
    let bytes = remainder()
    guard style > 0, !bytes.isEmpty else { return spread(bytes, over: count) }
    // Whole patterns reach every class of numbers, small integers make ordinary buckets.
    if style == 1 { return (0..<count).map { Float(Int8(bitPattern: bytes[$0 % bytes.count])) * 0.0625 } }
    let patterns = stride(from: 0, to: bytes.count, by: 4).map { start in
      bytes[start..<min(start + 4, bytes.count)].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    return (0..<count).map { Float(bitPattern: patterns[$0 % patterns.count]) }
  }

  /// Coordinates of ordinary size, a few of which the bytes replace.
  private func spread(_ bytes: [UInt8], over count: Int) -> [Float] {
    var values = plainVector(count: count, seed: UInt64(bytes.count))
    for start in stride(from: 0, to: bytes.count - 5, by: 6) {
      let place = (Int(bytes[start]) | Int(bytes[start + 1]) << 8) % count
      values[place] = Float(
        bitPattern: bytes[start + 2..<start + 6].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    }
    return values
  }
}
