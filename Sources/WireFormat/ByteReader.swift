/// Reads little-endian numbers from bytes; a read that fails does not move the cursor.
package struct ByteReader {
  let bytes: ArraySlice<UInt8>
  private(set) var position: Int

  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// Bytes from the start of the slice to the cursor.
  var offset: Int { position - bytes.startIndex }

  package var remaining: Int { bytes.endIndex - position }

  package mutating func next<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(WireFormatError) -> T {
    let size = T.bitWidth / 8
    guard size <= remaining else { throw .truncated(at: offset) }
    var value: T = 0
    withUnsafeMutableBytes(of: &value) { target in
      bytes.withUnsafeBytes { source in
        let start = position - bytes.startIndex
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<start + size]))
      }
    }
    position += size
    return T(littleEndian: value)
  }

  mutating func nextFloat() throws(WireFormatError) -> Float { Float(bitPattern: try next()) }

  mutating func nextDouble() throws(WireFormatError) -> Double { Double(bitPattern: try next()) }

  /// The next `count` bytes.
  package mutating func slice(_ count: Int) throws(WireFormatError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else { throw .truncated(at: offset) }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// Appends the next `count` numbers to `values`.
  mutating func floats(_ count: Int, appendingTo values: inout [Float]) throws(WireFormatError) {
    guard count >= 0, count <= remaining / 4 else { throw .truncated(at: offset) }
    let raw = try slice(4 * count)
    let start = values.count
    values.append(contentsOf: repeatElement(0, count: count))
    values.withUnsafeMutableBytes { target in
      raw.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: target[(4 * start)...]).copyMemory(from: $0) }
    }
    #if _endian(big)
      for i in start..<values.count { values[i] = Float(bitPattern: UInt32(littleEndian: values[i].bitPattern)) }
    #endif
  }

  package mutating func name() throws(WireFormatError) -> String {
    var attempt = self
    let count = try attempt.next(UInt8.self)
    let raw = try attempt.slice(Int(count))
    guard let name = String(validating: raw, as: UTF8.self) else { throw .malformedPlan("a name is not UTF-8") }
    self = attempt
    return name
  }
}
