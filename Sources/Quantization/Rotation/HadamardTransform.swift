/// The Walsh-Hadamard transform in place, without a factor: butterflies (a, b) → (a + b, a − b) at the distances 1, 2, 4, …
///
/// Every output is a tree of additions that the length alone determines, whatever is fused below, so that all platforms
/// give the same bits. Two distances share a pass, and short distances stay within 16 kB.
enum HadamardTransform {
  private static let cached = 1 << 12

  /// Transforms `values`, whose number is a power of two.
  static func apply(_ values: UnsafeMutableBufferPointer<Float>) {
    guard let base = values.baseAddress, values.count > 1 else { return }
    guard values.count >= 8 else {
      for distance in [1, 2] where distance < values.count { plain(base, values.count, distance) }
      return
    }
    let inner = min(values.count, cached)
    for start in stride(from: 0, to: values.count, by: inner) {
      for block in stride(from: start, to: start + inner, by: 8) { eight(base + block) }
      wide(base + start, inner, from: 8)
    }
    wide(base, values.count, from: inner)
  }

  private static func plain(_ values: UnsafeMutablePointer<Float>, _ count: Int, _ distance: Int) {
    for start in stride(from: 0, to: count, by: 2 * distance) {
      for i in start..<start + distance {
        let (a, b) = (values[i], values[i + distance])
        values[i] = a + b
        values[i + distance] = a - b
      }
    }
  }

  /// The distances 1, 2 and 4 in eight neighbours.
  @inline(__always)
  private static func eight(_ v: UnsafeMutablePointer<Float>) {
    let (a0, a1, a2, a3) = (v[0] + v[1], v[0] - v[1], v[2] + v[3], v[2] - v[3])
    let (a4, a5, a6, a7) = (v[4] + v[5], v[4] - v[5], v[6] + v[7], v[6] - v[7])
    let (b0, b1, b2, b3) = (a0 + a2, a1 + a3, a0 - a2, a1 - a3)
    let (b4, b5, b6, b7) = (a4 + a6, a5 + a7, a4 - a6, a5 - a7)
    (v[0], v[1], v[2], v[3]) = (b0 + b4, b1 + b5, b2 + b6, b3 + b7)
    (v[4], v[5], v[6], v[7]) = (b0 - b4, b1 - b5, b2 - b6, b3 - b7)
  }

  /// All distances from `first`, at least 8, to half of `count`.
  private static func wide(_ values: UnsafeMutablePointer<Float>, _ count: Int, from first: Int) {
    var distance = first
    while 4 * distance <= count {
      for start in stride(from: 0, to: count, by: 4 * distance) { four(values + start, distance) }
      distance *= 4
    }
    guard 2 * distance <= count else { return }
    for start in stride(from: 0, to: count, by: 2 * distance) { two(values + start, distance) }
  }

  /// One distance, eight butterflies at a time.
  private static func two(_ values: UnsafeMutablePointer<Float>, _ distance: Int) {
    let (low, high) = (UnsafeMutableRawPointer(values), UnsafeMutableRawPointer(values + distance))
    for offset in stride(from: 0, to: 4 * distance, by: 32) {
      let a = low.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
      let b = high.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
      low.storeBytes(of: a + b, toByteOffset: offset, as: SIMD8<Float>.self)
      high.storeBytes(of: a - b, toByteOffset: offset, as: SIMD8<Float>.self)
    }
  }

  /// A distance and its double.
  private static func four(_ values: UnsafeMutablePointer<Float>, _ distance: Int) {
    let raw = UnsafeMutableRawPointer(values)
    let stepBytes = 4 * distance
    for offset in stride(from: 0, to: stepBytes, by: 32) {
      let a = raw.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
      let b = raw.loadUnaligned(fromByteOffset: offset + stepBytes, as: SIMD8<Float>.self)
      let c = raw.loadUnaligned(fromByteOffset: offset + 2 * stepBytes, as: SIMD8<Float>.self)
      let d = raw.loadUnaligned(fromByteOffset: offset + 3 * stepBytes, as: SIMD8<Float>.self)
      let (sum, difference) = (a + b, a - b)
      let (nextSum, nextDifference) = (c + d, c - d)
      raw.storeBytes(of: sum + nextSum, toByteOffset: offset, as: SIMD8<Float>.self)
      raw.storeBytes(of: difference + nextDifference, toByteOffset: offset + stepBytes, as: SIMD8<Float>.self)
      raw.storeBytes(of: sum - nextSum, toByteOffset: offset + 2 * stepBytes, as: SIMD8<Float>.self)
      raw.storeBytes(of: difference - nextDifference, toByteOffset: offset + 3 * stepBytes, as: SIMD8<Float>.self)
    }
  }
}
