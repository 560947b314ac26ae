import Foundation
import LaminaNumerics
import NeuralNetworks
import Testing
import VariationalInequalities

@Suite("The Wasserstein GAN as an oracle", .enabled(if: Torch.isAvailable))
struct WGANOracleTests {
  private static let penalised = WGANNetwork(.dcgan(width: 4))
  private static let clipped = WGANNetwork(.dcgan(width: 4), constraint: .clipping(bound: 0.05))
  private static let residual = WGANNetwork(.resNet(filters: 4))
  private let data = ImageDataset.stripes(40)

  private func outputBias(_ network: WGANNetwork) throws -> Int {
    try #require(network.layouts.first { $0.name == "critic.output.bias" }).range.lowerBound
  }

  @Test(
    "The bias of the critic's last layer has gradient exactly 0, whatever the batch size",
    arguments: [penalised, clipped, residual], [2, 10, 16])
  func outputBiasIsSilent(network: WGANNetwork, batchSize: Int) throws {
    let oracle = try WGANOracle(network: network, dataset: data, batchSize: batchSize)
    let point = network.initialPoint(key: RandomKey(seed: 1))
    let gradient = oracle.sample(at: point, key: RandomKey(seed: 2))
    #expect(gradient.count == network.dimension)
    #expect(gradient[try outputBias(network)] == 0)
    #expect(gradient.allSatisfy { $0.isFinite })
  }

  @Test(
    "Each player's part is the derivative of its own loss",
    arguments: [
      WGANNetwork(.dcgan(width: 4), constraint: .gradientPenalty(weight: 0)), clipped,
      WGANNetwork(.resNet(filters: 4), constraint: .gradientPenalty(weight: 0)),
    ])
  func partsAreDerivatives(network: WGANNetwork) throws {
    let oracle = try WGANOracle(network: network, dataset: data, batchSize: 8)
    let point = network.initialPoint(key: RandomKey(seed: 1))
    let gradient = oracle.sample(at: point, key: RandomKey(seed: 2))
    let players: [(Range<Int>, (WGANReport) -> Double)] = [
      (network.generatorRange, \.generatorLoss), (network.criticRange, \.criticLoss),
    ]
    for (range, loss) in players {
      let norm = gradient[range].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      let step = 1e-3
      let ends = try [step, -step].map { change in
        var moved = point
        for i in range { moved[i] += change * Double(gradient[i]) / norm }
        _ = oracle.sample(at: moved, key: RandomKey(seed: 2))
        return loss(try #require(oracle.report))
      }
      // Along the normalised gradient the slope is its norm; single precision and kinks leave a few thousandths.
      #expect(abs((ends[0] - ends[1]) / (2 * step) / norm - 1) < 0.02)
    }
  }

  @Test("The penalty enters the critic's part in proportion to its weight, and the generator's part not at all")
  func penaltyIsProportional() throws {
    let vectors = try [0.0, 5, 10].map { weight in
      let network = WGANNetwork(.dcgan(width: 4), constraint: .gradientPenalty(weight: weight))
      let oracle = try WGANOracle(network: network, dataset: data)
      let vector = oracle.sample(at: network.initialPoint(key: RandomKey(seed: 1)), key: RandomKey(seed: 2))
      return (vector, try #require(oracle.report))
    }
    let (players, critic) = (Self.penalised.generatorRange, Self.penalised.criticRange)
    #expect(vectors[0].0[players] == vectors[2].0[players])
    let half = zip(vectors[1].0[critic], vectors[0].0[critic]).map { 2 * ($0 - $1) }
    let whole = zip(vectors[2].0[critic], vectors[0].0[critic]).map { $0 - $1 }
    #expect(comparison(half[...], whole[...]).error < 1e-5)
    #expect(vectors[0].1.penalty == 0 && vectors[2].1.penalty == 2 * vectors[1].1.penalty)
  }

  @Test("The report agrees with itself and with the dual vector")
  func report() throws {
    let oracle = try WGANOracle(network: Self.penalised, dataset: data)
    #expect(oracle.report == nil)
    let gradient = oracle.sample(at: Self.penalised.initialPoint(key: RandomKey(seed: 1)), key: RandomKey(seed: 2))
    let report = try #require(oracle.report)
    #expect(report.criticLoss == report.penalty - report.wasserstein)
    #expect(report.penalty > 0 && report.meanSlope > 0)
    let squares = report.generatorNorm * report.generatorNorm + report.criticNorm * report.criticNorm
    let total = gradient.reduce(0) { $0 + Double($1) * Double($1) }
    #expect(abs(squares / total - 1) < 1e-12)
  }

  @Test("Keys and ranks name draws: equal names give equal bits, different names different vectors")
  func names() throws {
    let network = Self.penalised
    let point = network.initialPoint(key: RandomKey(seed: 1))
    let first = try WGANOracle(network: network, dataset: data, rank: 0)
    let again = try WGANOracle(network: network, dataset: data, rank: 0)
    let other = try WGANOracle(network: network, dataset: data, rank: 1)
    let vector = first.sample(at: point, key: RandomKey(seed: 2))
    #expect(first.sample(at: point, key: RandomKey(seed: 3)) != vector)
    #expect(first.sample(at: point, key: RandomKey(seed: 2)) == vector)
    #expect(again.sample(at: point, key: RandomKey(seed: 2)) == vector)
    #expect(other.sample(at: point, key: RandomKey(seed: 2)) != vector)
  }

  @Test("Four workers in threads of their own compute the bits of a worker alone")
  func threadsAgree() throws {
    let network = WGANNetwork(.dcgan(width: 16))
    let point = network.initialPoint(key: RandomKey(seed: 1))
    let data = data
    let sample: @Sendable (Int) -> [DualVector] = { rank in
      do {
        let oracle = try WGANOracle(network: network, dataset: data, batchSize: 8, rank: rank)
        return (0..<3).map { oracle.sample(at: point, key: RandomKey(seed: UInt64($0))) }
      } catch {
        return []
      }
    }
    let alone = (0..<4).map(sample)
    #expect(alone.allSatisfy { $0.count == 3 })
    for _ in 0..<2 {
      let collected = Collected()
      let group = DispatchGroup()
      for rank in 0..<4 {
        group.enter()
        Thread.detachNewThread {
          collected.store(sample(rank), rank: rank)
          group.leave()
        }
      }
      group.wait()
      #expect((0..<4).allSatisfy { collected[$0] == alone[$0] })
    }
  }

  @Test("A batch is drawn from the data set, mirrored or not")
  func batches() throws {
    // The critic's slope in its first bias is 1 − 1 = 0 unless real images matter; a data set of one white image gives
    // the same vector with and without flips, one of stripes does not.
    let network = Self.penalised
    let point = network.initialPoint(key: RandomKey(seed: 1))
    let white = ImageDataset(
      name: "white", channels: 3, height: 32, width: 32, pixels: [UInt8](repeating: 255, count: 3072))
    let vectors = try [white, data].map { dataset in
      try [true, false].map { flips in
        try WGANOracle(network: network, dataset: dataset, flips: flips).sample(at: point, key: RandomKey(seed: 2))
      }
    }
    #expect(vectors[0][0] == vectors[0][1])
    #expect(vectors[1][0] != vectors[1][1])
    #expect(vectors[0][0] != vectors[1][0])
  }

  @Test("Grey images train too")
  func greyImages() throws {
    let network = WGANNetwork(.dcgan(width: 4), channels: 1)
    let oracle = try WGANOracle(network: network, dataset: .stripes(20, channels: 1))
    let gradient = oracle.sample(at: network.initialPoint(key: RandomKey(seed: 1)), key: RandomKey(seed: 2))
    #expect(gradient.allSatisfy { $0.isFinite })
  }

  @Test("Samples do not depend on how many are asked for")
  func samples() throws {
    let network = Self.penalised
    let point = network.initialPoint(key: RandomKey(seed: 1))
    let many = try network.samples(130, at: point, key: RandomKey(seed: 5))
    let few = try network.samples(7, at: point, key: RandomKey(seed: 5))
    #expect(many.count == 130 && many.imageSize == 3072)
    #expect(few.pixels[...] == many.pixels.prefix(7 * 3072))
    #expect(many.image(at: 0) != many.image(at: 1) && many.image(at: 0) != many.image(at: 100))
  }
}

/// Results of threads, by rank.
private final class Collected: @unchecked Sendable {
  private let lock = NSLock()
  private var vectors: [Int: [DualVector]] = [:]

  func store(_ value: [DualVector], rank: Int) { lock.withLock { vectors[rank] = value } }

  subscript(rank: Int) -> [DualVector]? { lock.withLock { vectors[rank] } }
}
