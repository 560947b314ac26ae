import Collectives
import GradientExchange
import LaminaNumerics
import Quantization
import Testing
import WireFormat

@Suite("Dithered and rotated exchanges, and bits that types share out")
struct DitheredExchangeTests {
  static let scenarios = [
    ExchangeScenario(dither: .agreed(0.02)), ExchangeScenario(dither: .relative(0.4, .bucket(128))),
    ExchangeScenario(dither: .relative(0.4, .layer)), ExchangeScenario(dither: .relative(0.4, .vector), bits: 5),
    ExchangeScenario(rotation: EDENQuantizer(bits: 1)),
    ExchangeScenario(rotation: EDENQuantizer(bits: 3, blockSize: 128, rounds: 1)),
  ]

  @Test("all ranks hold the same mean and plan, and a report counts every bit", arguments: scenarios)
  func replicas(scenario: ExchangeScenario) throws {
    let traces = try scenario.traces(workers: 3, steps: 0..<6)
    for rank in 1..<3 {
      #expect(traces[rank].map(\.mean) == traces[0].map(\.mean))
      #expect(traces[rank].map(\.plan) == traces[0].map(\.plan))
    }
    var codec = ExchangeCodec(plan: try scenario.plan, rank: 0)
    let frame = try codec.encode(ExchangeScenario.vector(rank: 0, step: 0), step: 0)
    #expect(codec.traffic.totalBits == 8 * frame.bytes.count)
    #expect(codec.traffic.vectorNorms == (try scenario.plan.hasVectorScale ? 32 : 0))
  }

  @Test("the error of a frame is Δ²/12 per dithered coordinate, and exact layers have none")
  func error() throws {
    let step: Float = 0.05
    let plan = try ExchangeScenario(dither: .agreed(step)).plan
    var codec = ExchangeCodec(plan: plan, rank: 0)
    let count = plan.map.layers.reduce(0) { $0 + (plan.plans[$1.type] == .exact ? 0 : $1.range.count) }
    var sum = 0.0
    for turn in 0..<200 {
      sum += try codec.encode(ExchangeScenario.vector(rank: 0, step: UInt64(turn)), step: UInt64(turn)).squaredError
    }
    // The square of a uniform error has the relative deviation √0.8.
    let expected = 200 * Double(count) * Double(step) * Double(step) / 12
    #expect(abs(sum / expected - 1) < 4 * (0.8 / (200 * Double(count))).squareRoot())
  }

  @Test("a budget of bits counts everything that is sent, and is met", arguments: [6.0, 7, 8])
  func budget(bits: Double) throws {
    // So small a vector pays 3 bits per coordinate for exact layers, models, lanes and its header.
    let schedule = LevelSchedule(early: [1, 2, 3, 4], interval: 8, window: 4)
    let scenario = ExchangeScenario(schedule: schedule, dither: .relative(1, .vector), bits: bits)
    let sent = try InProcessCollective.run(worldSize: 2) { group in
      var exchange = try scenario.exchange(group)
      for step in 0..<16 { _ = try exchange.average(Self.steady(rank: group.rank, step: step), step: UInt64(step)) }
      let before = exchange.traffic
      for step in 17..<24 { _ = try exchange.average(Self.steady(rank: group.rank, step: step), step: UInt64(step)) }
      let traffic = exchange.traffic.since(before)
      return Double(traffic.totalBits - traffic.agreement) / Double(traffic.exchanges * traffic.dimension)
    }
    #expect(abs(sent.reduce(0, +) / 2 - bits) < 0.1, "\(sent)")
  }

  /// Vectors of one law at every step.
  private static func steady(rank: Int, step: Int) -> [Float] {
    ExchangeScenario.vector(rank: rank, step: UInt64(step))
  }

  @Test("types that share out their bits have less error with no more bits than one width for all")
  func sharing() throws {
    func run(_ sharedWidth: Int?) throws -> (bits: Int, error: Double, counts: [LayerType: Int]) {
      var scenario = ExchangeScenario(method: .optimal, scope: .bucket(128), sharedWidth: sharedWidth)
      scenario.schedule = LevelSchedule(early: [1], interval: 1000, window: 1)
      var exchange = try scenario.exchange(SoloCollective())
      _ = try exchange.average(Self.uneven(step: 0), step: 0)
      var error = 0.0
      let before = exchange.traffic
      for step: UInt64 in 1..<40 { error += try exchange.average(Self.uneven(step: step), step: step).squaredError }
      let traffic = exchange.traffic.since(before)
      let counts = exchange.plan.plans.compactMapValues { $0.quantizer?.levels.count }
      return (traffic.totalBits - traffic.agreement, error, counts)
    }
    let uniform = try run(nil)
    let shared = try run(4)
    #expect(Set(uniform.counts.values) == [8])
    #expect(try #require(shared.counts[.convolution]) < 8)
    // Packed fields end with a whole byte in each of four layers.
    #expect(shared.bits <= uniform.bits + 39 * 4 * 8)
    #expect(shared.error < 0.7 * uniform.error, "\(shared.error) against \(uniform.error)")
  }

  /// Vectors whose convolutions, most of the coordinates, hardly matter.
  private static func uneven(step: UInt64) -> [Float] {
    var values = ExchangeScenario.vector(rank: 0, step: step)
    for range in [305..<716, 719..<976] { for i in range { values[i] *= 0.01 } }
    return values
  }
}
