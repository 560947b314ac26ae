/// Appends the fields of encoded statistics, little endian.
struct StatisticsWriter {
  private(set) var bytes: [UInt8]

  init(kind: StatisticsKind) { bytes = [kind.rawValue, 1] }

  mutating func put(_ byte: UInt8) { bytes.append(byte) }

  mutating func put<T: FixedWidthInteger>(bits value: T) {
    for shift in stride(from: 0, to: T.bitWidth, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> T(shift))) }
  }

  mutating func put(_ value: Float) { put(bits: value.bitPattern) }

  mutating func put(_ value: Double) { put(bits: value.bitPattern) }

  /// Seven bits a byte, the least significant first; the high bit says that more follow.
  mutating func put(count: Int) {
    var rest = count
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// Takes the fields of encoded statistics from bytes of any origin.
struct StatisticsReader {
  private var rest: ArraySlice<UInt8>

  /// Checks the kind and the version.
  init(_ bytes: ArraySlice<UInt8>, kind: StatisticsKind) throws(StatisticsError) {
    rest = bytes
    let found = try byte()
    guard found == kind.rawValue else { throw .wrongKind(found: found, expected: kind.rawValue) }
    guard try byte() == 1 else { throw .invalidField(.version) }
  }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func byte() throws(StatisticsError) -> UInt8 {
    guard let first = rest.popFirst() else { throw .truncated }
    return first
  }

  mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws(StatisticsError) -> T {
    let width = T.bitWidth / 8
    guard rest.count >= width else { throw .truncated }
    var value: T = 0
    for (place, byte) in rest.prefix(width).enumerated() { value |= T(truncatingIfNeeded: byte) << T(8 * place) }
    rest = rest.dropFirst(width)
    return value
  }

  mutating func float() throws(StatisticsError) -> Float { Float(bitPattern: try integer(UInt32.self)) }

  mutating func double() throws(StatisticsError) -> Double { Double(bitPattern: try integer(UInt64.self)) }

  /// A count of at most `limit`.
  mutating func count(atMost limit: Int) throws(StatisticsError) -> Int {
    var value = 0
    for shift in stride(from: 0, to: 28, by: 7) {
      let next = try byte()
      value |= Int(next & 0x7F) << shift
      if next < 0x80 {
        guard value <= limit else { throw .invalidField(.count) }
        return value
      }
    }
    throw .invalidField(.count)
  }

  mutating func weighting() throws(StatisticsError) -> NormWeighting {
    guard let value = NormWeighting(rawValue: try byte()) else { throw .invalidField(.weighting) }
    return value
  }

  mutating func support() throws(StatisticsError) -> CoordinateSupport {
    guard let value = CoordinateSupport(rawValue: try byte()) else { throw .invalidField(.support) }
    return value
  }

  func finish() throws(StatisticsError) {
    guard rest.isEmpty else { throw .trailingBytes(count: rest.count) }
  }
}

/// The first byte of encoded statistics.
enum StatisticsKind: UInt8 {
  case histogram = 1
  case normalMixture = 2
  case pooledNormal = 3
  case moments = 4
  case magnitudes = 5
}
