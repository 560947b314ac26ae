import LaminaNumerics
import Quantization
import TestSupport
import Testing
import WireFormat

@Suite("Packed layers from coordinates to frames")
struct PackedThreadTests {
  private static let key = RandomKey(seed: 43)
  private static let turn = 1 << 16

  private static func layers(_ quantizer: LevelQuantizer, count: Int) throws -> PreparedLayer {
    let map = try LayerMap([Layer(name: "w", type: .linear, range: 0..<count)])
    let plan = try QuantizationPlan(map: map, plans: [.linear: .levels(quantizer, .fixedWidth)], seed: 1)
    return PreparedPlan(plan).layers[0]
  }

  private static func vector(_ count: Int) -> [Float] {
    var stream = RandomStream(key: RandomKey(seed: 19))
    return (0..<count).map { _ in Float(stream.nextNormal()) }
  }

  /// Bytes, traffic and own decoding by way of symbols, the executable specification.
  private static func general(
    _ values: [Float], _ layer: PreparedLayer, vectorNorm: Float?
  ) throws -> (bytes: [UInt8], traffic: LayerTraffic, decoded: [UInt32]) {
    let quantizer = try #require(layer.quantizer)
    let symbols = quantizer.quantize(values.span, key: key, vectorNorm: vectorNorm)
    var writer = FrameWriter()
    let traffic = writer.append(symbols, of: layer)
    var decoded = [Float](repeating: 0, count: values.count)
    var span = decoded.mutableSpan
    quantizer.accumulate(symbols, into: &span)
    return (writer.payloadBytes, traffic, decoded.map(\.bitPattern))
  }

  private static func direct(
    _ values: [Float], _ layer: PreparedLayer, vectorNorm: Float?, threads: Int
  ) -> (bytes: [UInt8], traffic: LayerTraffic, decoded: [UInt32], tally: [UInt64])? {
    var writer = FrameWriter()
    var norms: [Float] = []
    var decoded = [Float](repeating: 7, count: values.count)
    var tally = VectorTally()
    let traffic = values.withUnsafeBufferPointer { values in
      decoded.withUnsafeMutableBufferPointer {
        writer.append(
          packed: values, of: layer, key: key, vectorNorm: vectorNorm, threads: threads,
          decoded: DecodedLayer(values: $0, before: values), norms: &norms, tally: &tally)
      }
    }
    return traffic.map { (writer.payloadBytes, $0, decoded.map(\.bitPattern), tally.bitPatterns) }
  }

  @Test(
    "Every number of threads makes the bytes, the traffic and the sums that symbols make, and one tally",
    arguments: [1, 511, 512, 1025, turn - 1, turn, turn + 1, 3 * turn + 700])
  func sameBytes(count: Int) throws {
    let values = Self.vector(count)
    for scope in [NormScope.bucket(128), .bucket(1000), .bucket(1024), .layer, .vector] {
      for levels in [Levels.uniform(intervals: 7), Levels.uniform(intervals: 3).mirroredWithoutZero()] {
        let layer = try Self.layers(LevelQuantizer(levels: levels, norm: .max, scope: scope), count: count)
        let norm: Float? = scope == .vector ? 6 : nil
        let expected = try Self.general(values, layer, vectorNorm: norm)
        var tally: [UInt64]?
        for threads in [1, 2, 5] {
          let found = try #require(Self.direct(values, layer, vectorNorm: norm, threads: threads))
          #expect((found.bytes, found.traffic, found.decoded) == expected, "\(scope), \(threads) threads")
          #expect(found.tally == tally ?? found.tally, "\(scope), \(threads) threads")
          tally = found.tally
          var sums = [Float](repeating: 0, count: count)
          var reader = FrameReader(payload: expected.bytes[...])
          let isRead = try sums.withUnsafeMutableBufferPointer { (sums) throws(WireFormatError) in
            try reader.accumulate(packed: layer, vectorNorm: norm, threads: threads, into: sums)
          }
          try reader.finish()
          #expect(isRead && sums.map(\.bitPattern) == expected.decoded, "\(scope), \(threads) threads")
        }
      }
    }
  }

  @Test("Layers with a bucket of zeros or of infinities are left to the general path, and leave no byte behind")
  func general() throws {
    for special in [Float(0), .infinity, .nan] {
      var values = Self.vector(5000)
      for i in 2048..<3072 { values[i] = special }
      let layer = try Self.layers(LevelQuantizer(levels: .uniform(intervals: 7)), count: values.count)
      #expect(Self.direct(values, layer, vectorNorm: nil, threads: 2) == nil)
      let bytes = try Self.general(values, layer, vectorNorm: nil).bytes
      var reader = FrameReader(payload: bytes[...])
      var sums = [Float](repeating: 0, count: values.count)
      let isRead = try sums.withUnsafeMutableBufferPointer { (sums) throws(WireFormatError) in
        try reader.accumulate(packed: layer, vectorNorm: nil, threads: 2, into: sums)
      }
      #expect(!isRead && sums.allSatisfy { $0 == 0 })
    }
  }

  @Test("A field that is no symbol is an error with every number of threads")
  func outOfRange() throws {
    // 6 magnitudes in 3 bits leave two indices that are no symbol.
    let layer = try Self.layers(LevelQuantizer(levels: .uniform(intervals: 5), scope: .bucket(1024)), count: 200_000)
    var bytes = try Self.general(Self.vector(200_000), layer, vectorNorm: nil).bytes
    for i in (bytes.count - 64)..<bytes.count { bytes[i] = 0x77 }
    for threads in [1, 3] {
      var reader = FrameReader(payload: bytes[...])
      var sums = [Float](repeating: 0, count: 200_000)
      #expect(throws: WireFormatError.levelOutOfRange(layer: "w")) {
        try sums.withUnsafeMutableBufferPointer { (sums) throws(WireFormatError) in
          _ = try reader.accumulate(packed: layer, vectorNorm: nil, threads: threads, into: sums)
        }
      }
    }
  }
}
