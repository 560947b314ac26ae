import Collectives
import GradientExchange
import Quantization
import Testing
import WireFormat

@Suite("The exchanged mean")
struct ExchangedMeanTests {
  static let workerCounts = [1, 2, 3, 4, 8]
  static let scopes: [(Norm, NormScope)] = [
    (.max, .bucket(128)), (.l2, .layer), (.l2, .vector), (.lq(3), .bucket(100)),
  ]

  @Test(
    "every rank holds the sum of the decoded frames in rank order times 1/K, bit for bit", arguments: workerCounts,
    scopes.indices)
  func mean(workers: Int, scopeIndex: Int) throws {
    var scenario = ExchangeScenario()
    (scenario.norm, scenario.scope) = Self.scopes[scopeIndex]
    scenario.method = .fixed
    let traces = try scenario.traces(workers: workers, steps: 0..<3)
    let plan = try scenario.plan
    var codecs = (0..<workers).map { ExchangeCodec(plan: plan, rank: $0) }
    for step in UInt64(0)..<3 {
      var sum = [Float](repeating: 0, count: plan.map.dimension)
      for rank in 0..<workers {
        let frame = try codecs[rank].encode(ExchangeScenario.vector(rank: rank, step: step), step: step)
        let decoded = try decodedByDefinition(frame.bytes, plan: plan, step: step, rank: rank)
        for i in sum.indices { sum[i] += decoded[i] }
      }
      let expected = sum.map { ($0 * (1 / Float(workers))).bitPattern }
      for rank in 0..<workers { #expect(traces[rank][Int(step)].mean == expected, "rank \(rank), step \(step)") }
    }
  }

  @Test(
    "a plan that sends every type exactly gives the mean of the vectors, and an error of 0", arguments: workerCounts)
  func fullPrecision(workers: Int) throws {
    var scenario = ExchangeScenario()
    scenario.isExact = true
    let traces = try scenario.traces(workers: workers, steps: 0..<5)
    for step in 0..<5 {
      var sum = [Float](repeating: 0, count: try scenario.plan.map.dimension)
      for rank in 0..<workers {
        for (i, value) in ExchangeScenario.vector(rank: rank, step: UInt64(step)).enumerated() { sum[i] += value }
      }
      let expected = sum.map { ($0 * (1 / Float(workers))).bitPattern }
      for trace in traces.map({ $0[step] }) {
        #expect(trace.mean == expected)
        #expect(trace.squaredError == 0)
        #expect(trace.epoch == 0, "a plan without levels has nothing to agree on, whatever the schedule says")
        #expect(trace.traffic.agreement == 0)
      }
    }
  }

  @Test(
    "the tallies are ‖V̂ₖ‖², ‖V̂ₖ − V̂ₖ′‖², ‖V̂ − V‖² and ‖V‖² in binary64", arguments: workerCounts,
    [false, true])
  func tallies(workers: Int, isExact: Bool) throws {
    var scenario = ExchangeScenario()
    scenario.method = .fixed
    scenario.isExact = isExact
    let traces = try scenario.traces(workers: workers, steps: 0..<4)
    let plan = try scenario.plan
    var codecs = (0..<workers).map { ExchangeCodec(plan: plan, rank: $0) }
    var previous = [[Float]](repeating: [Float](repeating: 0, count: plan.map.dimension), count: workers)
    for step in 0..<4 {
      var norms = 0.0
      var changes = 0.0
      for rank in 0..<workers {
        let vector = ExchangeScenario.vector(rank: rank, step: UInt64(step))
        let frame = try codecs[rank].encode(vector, step: UInt64(step))
        let sent = try decodedByDefinition(frame.bytes, plan: plan, step: UInt64(step), rank: rank)
        norms += squaredDistance(sent, nil)
        changes += squaredDistance(sent, previous[rank])
        previous[rank] = sent
        expectClose(traces[rank][step].squaredError, squaredDistance(sent, vector))
        expectClose(traces[rank][step].squaredNorm, squaredDistance(vector, nil))
      }
      for rank in 0..<workers {
        expectClose(traces[rank][step].squaredNorms, norms)
        expectClose(traces[rank][step].squaredChanges, changes)
        #expect(traces[rank][step].squaredNorms == traces[0][step].squaredNorms)
        #expect(traces[rank][step].squaredChanges == traces[0][step].squaredChanges)
      }
    }
  }

  /// Sums of n non-negative terms of binary64 in any order agree to n·2⁻⁵³ relative; n is below 2¹⁴ here.
  private func expectClose(_ bits: UInt64, _ expected: Double) {
    #expect(abs(Double(bitPattern: bits) - expected) <= 0x1p-39 * expected)
  }

  private func squaredDistance(_ a: [Float], _ b: [Float]?) -> Double {
    a.indices.reduce(0) { sum, i in
      let difference = Double(a[i]) - Double(b?[i] ?? 0)
      return sum + difference * difference
    }
  }

  @Test("a rank's draws differ from every other rank's and step's")
  func draws() throws {
    let plan = try ExchangeScenario().plan
    let vector = ExchangeScenario.vector(rank: 0, step: 0)
    var seen: Set<[Float]> = []
    for rank in 0..<4 {
      var codec = ExchangeCodec(plan: plan, rank: rank)
      for step in UInt64(0)..<4 {
        let frame = try codec.encode(vector, step: step)
        seen.insert(try decodedByDefinition(frame.bytes, plan: plan, step: step, rank: rank))
      }
    }
    #expect(seen.count == 16)
  }
}
