import EntropyCoding
import Quantization
import WireFormat

// Little endian: "LAMX", version 1; the plan behind its length; statistics of levels, their number first, each a name and
// bytes behind their length; 0 or 1, then those of steps behind their length; the traffic; CRC-32C of all before.
extension ExchangeState {
  private static let magic: UInt32 = 0x584D_414C
  private static let version: UInt8 = 1

  /// The state in bytes, but for the own vector, which is as long as the model.
  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.append(Self.magic)
    writer.append(Self.version)
    writer.append(block: plan)
    writer.append(UInt32(statistics.count))
    for (name, estimate) in statistics.sorted(by: { $0.key < $1.key }) {
      writer.append(name: name)
      writer.append(block: estimate.encoded())
    }
    writer.append(UInt8(steps == nil ? 0 : 1))
    if let steps {
      var inner = ByteWriter()
      steps.encode(to: &inner)
      writer.append(block: inner.bytes)
    }
    writer.append(traffic)
    writer.append(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  /// Reads a state.
  ///
  /// - Parameters:
  ///   - bytes: What ``encoded()`` returned.
  ///   - own: The vector that goes with it.
  /// - Throws: `ExchangeStateError`.
  package init(decoding bytes: [UInt8], own: [Float]) throws(ExchangeStateError) {
    let body = bytes.dropLast(4)
    var reader = ByteReader(body)
    var end = ByteReader(bytes.suffix(4))
    guard (try? reader.next(UInt32.self)) == Self.magic, let version = try? reader.next(UInt8.self) else {
      throw .foreign
    }
    guard version == Self.version else { throw .unsupportedVersion(version) }
    guard (try? end.next(UInt32.self)) == CRC32C.checksum(body) else { throw .damaged }
    do { try self.init(reading: &reader, own: own) } catch { throw .damaged }
    guard reader.remaining == 0 else { throw .damaged }
  }

  private init(reading reader: inout ByteReader, own: [Float]) throws {
    let encoded = Array(try reader.block())
    let plan = try QuantizationPlan(decoding: encoded[...])
    var statistics: [String: ChosenEstimate] = [:]
    for _ in 0..<(try reader.next(UInt32.self)) {
      let name = try reader.name()
      statistics[name] = try ChosenEstimate(decoding: try reader.block())
    }
    var steps: StepStatistics?
    if try reader.next(UInt8.self) != 0 {
      var inner = ByteReader(try reader.block())
      steps = StepStatistics(plan: plan)
      try steps?.merge(&inner)
    }
    let traffic = try reader.traffic(dimension: plan.map.dimension)
    self.init(plan: encoded, own: own, statistics: statistics, steps: steps, traffic: traffic)
  }
}

/// Why bytes are not the state of an exchange.
package enum ExchangeStateError: Error, Hashable {
  /// They do not begin like one.
  case foreign
  /// They were written by another version.
  case unsupportedVersion(UInt8)
  /// They were changed or cut.
  case damaged
}

extension ExchangeStateError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .foreign: "The bytes are not the state of an exchange."
    case .unsupportedVersion(let version): "Version \(version) of states is not supported."
    case .damaged: "The state of the exchange was damaged."
    }
  }
}

extension ByteWriter {
  fileprivate mutating func append(block bytes: [UInt8]) {
    append(UInt32(bytes.count))
    append(bytes)
  }

  fileprivate mutating func append(_ traffic: TrafficReport) {
    append(UInt32(traffic.byType.count))
    for (type, bits) in traffic.byType.sorted(by: { $0.key < $1.key }) {
      append(name: type.rawValue)
      for count in [bits.norms, bits.symbols, bits.overhead] { append(Int64(count)) }
    }
    let counts = [
      traffic.framing, traffic.vectorNorms, traffic.agreement, traffic.sentBytes, traffic.exchanges,
      traffic.retries?.messages ?? 0, traffic.retries?.bits ?? 0,
    ]
    for count in counts { append(Int64(count)) }
    append(UInt8(traffic.retries == nil ? 0 : 1))
  }
}

extension ByteReader {
  fileprivate mutating func block() throws(WireFormatError) -> ArraySlice<UInt8> {
    try slice(Int(try next(UInt32.self)))
  }

  /// A count of bits or bytes; sums of several stay within range.
  private mutating func count() throws -> Int {
    let count = Int(try next(Int64.self))
    guard (0...Int.max >> 8).contains(count) else { throw ExchangeStateError.damaged }
    return count
  }

  fileprivate mutating func traffic(dimension: Int) throws -> TrafficReport {
    var traffic = TrafficReport(dimension: dimension)
    for _ in 0..<(try next(UInt32.self)) {
      let type = LayerType(rawValue: try name())
      var bits = LayerTraffic()
      bits.norms = try count()
      bits.symbols = try count()
      bits.overhead = try count()
      traffic.byType[type] = bits
    }
    traffic.framing = try count()
    traffic.vectorNorms = try count()
    traffic.agreement = try count()
    traffic.sentBytes = try count()
    traffic.exchanges = try count()
    let retries = RetryTraffic(messages: try count(), bits: try count())
    traffic.retries = try next(UInt8.self) == 0 ? nil : retries
    return traffic
  }
}
