import LaminaNumerics
import Quantization
import TestSupport
import Testing
import WireFormat

@Suite("Threads of dithered layers")
struct DitheredThreadTests {
  private static let block = 1 << 19
  private static let key = RandomKey(seed: 41)

  /// A vector with a bucket of zeros, a bucket that is not finite, and outliers that escape.
  private static func vector(_ count: Int) -> [Float] {
    var stream = RandomStream(key: RandomKey(seed: 17))
    var values = (0..<count).map { _ in Float(stream.nextUnit() - 0.5) }
    for i in stride(from: 0, to: count, by: 5003) { values[i] *= 1000 }
    if count > 4096 {
      for i in 1024..<2048 { values[i] = 0 }
      values[count - 1500] = .infinity
    }
    return values
  }

  private static func written(
    _ values: [Float], _ layer: PreparedLayer, scale: Float?, memory: inout DitheredMemory
  ) -> (bytes: [UInt8], traffic: LayerTraffic, exact: Int, decoded: [UInt32], tally: [UInt64]) {
    var writer = FrameWriter()
    var decoded = [Float](repeating: 7, count: values.count)
    var tally = VectorTally()
    let took = values.withUnsafeBufferPointer { values in
      decoded.withUnsafeMutableBufferPointer {
        writer.append(
          dithered: values, of: layer, key: key, vectorScale: scale, memory: &memory,
          decoded: DecodedLayer(values: $0, before: values), tally: &tally)
      }
    }
    return (writer.payloadBytes, took.traffic, took.exactBuckets, decoded.map(\.bitPattern), tally.bitPatterns)
  }

  @Test(
    "Bytes, sums, traffic, own decoding and its tally do not depend on the number of threads",
    arguments: [
      1, 1023, block - 1, block, block + 1, 2 * block - 1024, 2 * block, 3 * block + 5,
    ])
  func sameBytes(count: Int) throws {
    let values = Self.vector(count)
    let steps: [DitheredQuantizer.Step] = [.agreed(0.05), .relative(0.3, .bucket(1024)), .relative(0.01, .layer)]
    for step in steps {
      let layer = PreparedLayer(
        layer: Layer(name: "w", type: .linear, range: 0..<count), dithered: DitheredQuantizer(step: step))
      var single = DitheredMemory()
      let expected = Self.written(values, layer, scale: nil, memory: &single)
      for threads in [2, 3, 8] {
        var memory = DitheredMemory(threads: threads)
        for _ in 0..<2 {
          let found = Self.written(values, layer, scale: nil, memory: &memory)
          #expect(found == expected, "\(step), \(threads) threads")
          var sums = [Float](repeating: 0, count: count)
          try Self.read(expected.bytes, layer, memory: &memory, into: &sums)
          #expect(sums.map(\.bitPattern) == expected.decoded, "\(step), \(threads) threads")
        }
      }
    }
  }

  @Test("The error is that of the first damaged block, whatever the number of threads")
  func sameErrors() throws {
    let count = 4 * Self.block
    let layer = PreparedLayer(
      layer: Layer(name: "w", type: .linear, range: 0..<count), dithered: DitheredQuantizer(step: .agreed(0.05)))
    var single = DitheredMemory()
    let bytes = Self.written(Self.vector(count), layer, scale: nil, memory: &single).bytes
    var stream = RandomStream(key: RandomKey(seed: 5))
    for round in 0..<12 {
      var spoiled = bytes
      for _ in 0..<(round % 3) { spoiled[Int(stream.next() % UInt64(bytes.count))] ^= 0x55 }
      if round % 2 == 0 { spoiled.removeLast(Int(stream.next() % UInt64(bytes.count))) }
      let expected = Self.error(spoiled, layer, threads: 1)
      for threads in [2, 4] { #expect(Self.error(spoiled, layer, threads: threads) == expected) }
    }
  }

  private static func error(_ bytes: [UInt8], _ layer: PreparedLayer, threads: Int) -> WireFormatError? {
    var memory = DitheredMemory(threads: threads)
    var sums = [Float](repeating: 0, count: layer.layer.range.count)
    do throws(WireFormatError) {
      try read(bytes, layer, memory: &memory, into: &sums)
      return nil
    } catch { return error }
  }

  private static func read(
    _ bytes: [UInt8], _ layer: PreparedLayer, memory: inout DitheredMemory, into sums: inout [Float]
  ) throws(WireFormatError) {
    var reader = FrameReader(payload: bytes[...])
    try sums.withUnsafeMutableBufferPointer { (sums) throws(WireFormatError) in
      try reader.accumulate(dithered: layer, key: key, vectorScale: nil, memory: &memory, into: sums)
    }
    try reader.finish()
  }
}
