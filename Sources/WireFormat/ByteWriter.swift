/// Appends little-endian numbers to bytes.
package struct ByteWriter: Sendable {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func append<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ value: Float) { append(value.bitPattern) }

  mutating func append(_ value: Double) { append(value.bitPattern) }

  mutating func append(_ values: UnsafeBufferPointer<Float>) {
    #if _endian(little)
      bytes.append(contentsOf: UnsafeRawBufferPointer(values))
    #else
      for value in values { append(value) }
    #endif
  }

  mutating func append(_ values: [Float]) { values.withUnsafeBufferPointer { append($0) } }

  package mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

  mutating func append(_ more: ArraySlice<UInt8>) { bytes.append(contentsOf: more) }

  /// A name of at most 255 bytes, behind its length.
  package mutating func append(name: String) {
    append(UInt8(name.utf8.count))
    bytes.append(contentsOf: name.utf8)
  }

  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  mutating func truncate(to count: Int) { bytes.removeLast(bytes.count - count) }

  /// Writes `values` over the bytes from `start` on.
  mutating func replace(at start: Int, with values: [Float]) {
    bytes.withUnsafeMutableBytes { bytes in
      for (i, value) in values.enumerated() {
        bytes.storeBytes(of: value.bitPattern.littleEndian, toByteOffset: start + 4 * i, as: UInt32.self)
      }
    }
  }

  package mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count) }

  /// Appends `count` zero bytes and lets `body` fill them.
  mutating func append(count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: count))
    bytes.withUnsafeMutableBytes { body(UnsafeMutableRawBufferPointer(rebasing: $0[start...])) }
  }
}
