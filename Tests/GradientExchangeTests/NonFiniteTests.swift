import Collectives
import GradientExchange
import Quantization
import Testing
import WireFormat

@Suite("Coordinates that are not finite")
struct NonFiniteTests {
  static let values: [Float] = [.nan, .infinity, -.infinity, .signalingNaN]
  static let scopes: [NormScope] = [.bucket(128), .layer, .vector]

  /// A vector whose coordinate 400, in the first convolution, is `value` on rank 1 at step 1.
  static func vector(_ value: Float, rank: Int, step: UInt64) -> [Float] {
    var vector = ExchangeScenario.vector(rank: rank, step: step)
    if rank == 1 && step == 1 { vector[400] = value }
    return vector
  }

  @Test("sent: its bucket travels exactly and is counted, all others as ever", arguments: values, scopes.indices)
  func send(value: Float, scopeIndex: Int) throws {
    let scope = Self.scopes[scopeIndex]
    let scenario = ExchangeScenario(scope: scope)
    let results = try InProcessCollective.run(worldSize: 2) { group in
      var exchange = try scenario.exchange(group)
      return try (UInt64(0)..<4).map {
        try exchange.average(Self.vector(value, rank: group.rank, step: $0), step: $0)
      }
    }
    let expectedBuckets =
      switch scope {
      case .bucket, .layer: 1
      case .vector: 4  // every quantized layer
      }
    #expect(results[0].map(\.exactBuckets) == [0, 0, 0, 0])
    #expect(results[1].map(\.exactBuckets) == [0, expectedBuckets, 0, 0])
    for step in 0..<4 {
      #expect(results[0][step].mean.map(\.bitPattern) == results[1][step].mean.map(\.bitPattern))
    }
    let mean = results[0][1].mean
    #expect(!mean[400].isFinite)
    #expect(mean.indices.allSatisfy { $0 == 400 || mean[$0].isFinite })
    #expect(!results[0][1].squaredNorms.isFinite, "the tallies do not hide it")
    #expect(results[0][3].mean.allSatisfy { $0.isFinite } && results[0][3].squaredChanges.isFinite)
  }

  @Test("the other coordinates of its bucket arrive as they were")
  func restOfBucket() throws {
    let plan = try ExchangeScenario().plan
    var codec = ExchangeCodec(plan: plan, rank: 1)
    let vector = Self.vector(.nan, rank: 1, step: 1)
    let frame = try codec.encode(vector, step: 1)
    let decoded = try decodedByDefinition(frame.bytes, plan: plan, step: 1, rank: 1)
    // Layer g.conv.weight starts at 305, so coordinate 400 lies in its bucket 305..<433.
    for i in 305..<433 where i != 400 { #expect(decoded[i].bitPattern == vector[i].bitPattern) }
    #expect(decoded[400].isNaN)
    #expect((433..<561).contains { decoded[$0] != vector[$0] })
  }

  @Test(
    "stopped: its rank names layer and step before anything is sent, in exact layers too", arguments: values,
    Reduction.allCases)
  func stop(value: Float, reduction: Reduction) throws {
    for (place, layer) in [(400, "g.conv.weight"), (301, "g.linear.bias")] {
      let scenario = ExchangeScenario(
        options: ExchangeOptions(reduction: reduction, nonFinite: .stop, pieceSize: 64))
      let met = try InProcessCollective.run(worldSize: 3) { group -> (ExchangeError?, Int) in
        var exchange = try scenario.exchange(group)
        do {
          for step in UInt64(0)..<3 {
            var vector = ExchangeScenario.vector(rank: group.rank, step: step)
            if group.rank == 2 && step == 1 { vector[place] = value }
            _ = try exchange.average(vector, step: step)
          }
        } catch let error as ExchangeError {
          return (error, exchange.traffic.exchanges)
        }
        return (nil, exchange.traffic.exchanges)
      }
      #expect(met[2].0 == .nonFinite(layer: layer, step: 1))
      #expect(met[2].1 == 1)
      #expect(met[0].0 == .collective(.peerLost(rank: 2)) && met[1].0 == .collective(.peerLost(rank: 2)))
    }
  }
}
