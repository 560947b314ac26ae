import Collectives
import GradientExchange
import LaminaNumerics
import Quantization
import Testing
import WireFormat

@Suite("Vectors that are handed over as they become ready")
struct PendingVectorTests {
  static let scenarios: [ExchangeScenario] = {
    var levels = ExchangeScenario()
    levels.method = .fixed
    var vectorNorm = ExchangeScenario()
    vectorNorm.scope = .vector
    var agreed = ExchangeScenario()
    agreed.dither = .agreed(0.125)
    var relative = ExchangeScenario()
    relative.dither = .relative(0.5, .vector)
    var rotated = ExchangeScenario()
    rotated.rotation = EDENQuantizer(bits: 3)
    return [levels, vectorNorm, agreed, relative, rotated]
  }()

  /// The layers of the scenario's vector, last first, in two parts where they are long.
  private static var parts: [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = 0
    for (_, count) in ExchangeScenario.parameters {
      let middle = start + count / 2
      parts += [start..<middle, middle..<start + count]
      start += count
    }
    return parts.reversed()
  }

  @Test("The mean is that of the finished vector, bit for bit", arguments: scenarios.indices, Reduction.allCases)
  func mean(index: Int, reduction: Reduction) throws {
    var scenario = Self.scenarios[index]
    scenario.options.reduction = reduction
    scenario.options.pieceSize = 100
    let expected = try scenario.traces(workers: 3, steps: 0..<4)
    let settled = scenario
    let found = try InProcessCollective.run(worldSize: 3) { group in
      var exchange = try settled.exchange(group)
      return try (UInt64(0)..<4).map { (step) throws -> [UInt32] in
        let vector = ExchangeScenario.vector(rank: group.rank, step: step)
        // Rank 1 has it all at once.
        if group.rank == 1 { return try exchange.average(vector, step: step).mean.map(\.bitPattern) }
        let pending = PendingVector(dimension: vector.count)
        let thread = RankThread(stackSize: 1 << 20) {
          for part in Self.parts { pending.fill(Array(vector[part]), at: part.lowerBound) }
        }
        defer { thread?.join() }
        return try exchange.average(pending, step: step).mean.map(\.bitPattern)
      }
    }
    for (trace, means) in zip(expected, found) { #expect(trace.map(\.mean) == means) }
  }

  @Test("A scatter-reduce sends the last pieces while the first are computed")
  func overlap() throws {
    var scenario = Self.scenarios[0]
    scenario.options.reduction = .scatterReduce
    scenario.options.pieceSize = 100
    let settled = scenario
    let means = try InProcessCollective.run(worldSize: 2) { (group) throws -> [UInt32] in
      let vector = ExchangeScenario.vector(rank: group.rank, step: 0)
      let pending = PendingVector(dimension: vector.count)
      let half = vector.count / 2
      pending.fill(Array(vector[half...]), at: half)
      // The rest becomes ready only once a call has begun.
      let watched = WatchedCollective(group) { pending.fill(Array(vector[..<half]), at: 0) }
      var exchange = QuantizedExchange(plan: try settled.plan, group: watched, options: settled.options)
      return try exchange.average(pending, step: 0).mean.map(\.bitPattern)
    }
    let expected = try settled.traces(workers: 2, steps: 0..<1)
    #expect(means == expected.map { $0[0].mean })
  }

  @Test("Who waits for a vector that was abandoned is told so", arguments: Reduction.allCases)
  func abandoned(reduction: Reduction) throws {
    var scenario = Self.scenarios[0]
    scenario.options.reduction = reduction
    var exchange = try scenario.exchange(SoloCollective())
    let vector = ExchangeScenario.vector(rank: 0, step: 0)
    let pending = PendingVector(dimension: vector.count)
    pending.fill(Array(vector[300...]), at: 300)
    let thread = RankThread(stackSize: 1 << 20) { pending.abandon() }
    defer { thread?.join() }
    #expect(throws: ExchangeError.abandoned) { try exchange.average(pending, step: 0) }
  }

  @Test("A vector of another dimension is refused")
  func size() throws {
    var exchange = try ExchangeScenario().exchange(SoloCollective())
    #expect(throws: ExchangeError.dimension(expected: 1106, found: 3)) {
      try exchange.average(PendingVector(dimension: 3), step: 0)
    }
  }
}

/// A group that says when its first call begins.
private final class WatchedCollective: Collective {
  let base: InProcessCollective
  private let onFirstCall: () -> Void
  private var hasCalled = false

  init(_ base: InProcessCollective, onFirstCall: @escaping () -> Void) {
    self.base = base
    self.onFirstCall = onFirstCall
  }

  var rank: Int { base.rank }
  var worldSize: Int { base.worldSize }

  func start(_ call: CollectiveCall, _ messages: [[UInt8]]) -> PendingCall {
    let pending = base.start(call, messages)
    if !hasCalled { onFirstCall() }
    hasCalled = true
    return pending
  }
}
