import Collectives
import GradientExchange
import Testing

@Suite("Exchanges over a noisy link", .timeLimit(.minutes(10)))
struct NoisyExchangeTests {
  /// What every rank saw, step by step, over a link that disturbs messages.
  private func traces(
    _ scenario: ExchangeScenario, workers: Int, rates: FaultRates, steps: Range<UInt64> = 0..<8
  ) throws -> [[ExchangeTrace]] {
    try InProcessCollective.run(worldSize: workers) { base in
      var exchange = try scenario.exchange(FaultInjectingCollective(base, rates: rates, seed: 21))
      return try steps.map { step in
        let vector = ExchangeScenario.vector(rank: base.rank, step: step)
        return ExchangeTrace(try exchange.average(vector, step: step), exchange)
      }
    }
  }

  private static func reliable(_ reduction: Reduction) -> ExchangeScenario {
    var scenario = ExchangeScenario()
    scenario.options = ExchangeOptions(reduction: reduction, pieceSize: 200, retries: 12)
    return scenario
  }

  @Test(
    "with retries every fault leaves means, plans and tallies as over a clean link, bit for bit",
    arguments: Reduction.allCases, ReliableCollectiveTests.rates)
  func same(reduction: Reduction, rates: FaultRates) throws {
    let scenario = Self.reliable(reduction)
    var plain = scenario
    plain.options.retries = 0
    let clean = try plain.traces(workers: 3, steps: 0..<8)
    let noisy = try traces(scenario, workers: 3, rates: rates)
    for (rank, steps) in noisy.enumerated() {
      for (step, trace) in steps.enumerated() {
        let expected = clean[rank][step]
        #expect(trace.mean == expected.mean && trace.plan == expected.plan && trace.epoch == expected.epoch)
        #expect(trace.squaredNorms == expected.squaredNorms && trace.squaredChanges == expected.squaredChanges)
        #expect(trace.squaredError == expected.squaredError && trace.squaredNorm == expected.squaredNorm)
      }
    }
    let counts = noisy.map { $0.last?.traffic.retries?.messages ?? 0 }
    #expect(Set(counts).count == 1 && counts[0] > 0)
  }

  @Test("retries cost what the report says, over a clean link too")
  func cost() throws {
    let clean = try Self.reliable(.allGather).traces(workers: 3, steps: 0..<1)
    var plain = Self.reliable(.allGather)
    plain.options.retries = 0
    let bare = try plain.traces(workers: 3, steps: 0..<1)
    for (with, without) in zip(clean, bare) {
      let retries = try #require(with[0].traffic.retries)
      // A seal of 16 bytes, and 5 copies of a report of 3 bytes with seals of their own.
      #expect(retries.messages == 0 && retries.bits == 8 * (16 + 5 * 19))
      #expect(with[0].traffic.sentBytes - without[0].traffic.sentBytes == 2 * (16 + 5 * 19))
      #expect(with[0].traffic.totalBits - without[0].traffic.totalBits == retries.bits)
      #expect(without[0].traffic.retries == nil)
    }
  }

  /// What each rank met over a link that disturbs every message.
  private func errors(_ rates: FaultRates, retries: Int = 0) throws -> [ExchangeError?] {
    var scenario = ExchangeScenario()
    scenario.options.retries = retries
    return try InProcessCollective.run(worldSize: 3) { [scenario] base in
      var exchange = try scenario.exchange(FaultInjectingCollective(base, rates: rates, seed: 4))
      do throws(ExchangeError) {
        // The second exchange is that of the first update.
        for step in UInt64(0)..<3 {
          _ = try exchange.average(ExchangeScenario.vector(rank: base.rank, step: step), step: step)
        }
        return nil
      } catch {
        return error
      }
    }
  }

  @Test(
    "without retries a damaged message is an error that names a rank, on every rank",
    arguments: [FaultRates(flips: 1), FaultRates(truncations: 1), FaultRates(duplicates: 1), FaultRates(drops: 1)])
  func unprotected(rates: FaultRates) throws {
    for (rank, error) in try errors(rates).enumerated() {
      switch error {
      case .frame(let sender, _)?, .statistics(let sender, _)?, .collective(.peerLost(let sender, _))?:
        #expect(sender != rank)
      case .agreement?: break
      default: Issue.record("\(String(describing: error))")
      }
    }
  }

  @Test("delays alone are no error")
  func delays() throws {
    #expect(try errors(FaultRates(delays: 1, delay: 1e-3)) == [nil, nil, nil])
  }

  @Test("a link that damages everything ends every rank, however often it is tried")
  func hopeless() throws {
    for error in try errors(FaultRates(drops: 1), retries: 3) {
      guard case .collective? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
  }

  @Test("a state from which another number of workers goes on: all hold the same bits", arguments: [(4, 2), (2, 5)])
  func resized(before: Int, after: Int) throws {
    for scenario in [ExchangeScenario(), ExchangeScenario(model: .moments), Self.reliable(.scatterReduce)] {
      let states = try InProcessCollective.run(worldSize: before) { base in
        var exchange = try scenario.exchange(base)
        for step in UInt64(0)..<5 {
          _ = try exchange.average(ExchangeScenario.vector(rank: base.rank, step: step), step: step)
        }
        return exchange.state
      }
      let traces = try InProcessCollective.run(worldSize: after) { base in
        var exchange = try scenario.exchange(base)
        if base.rank < before { try exchange.restore(states[base.rank]) } else { try exchange.join(states[0]) }
        return try (UInt64(5)..<12).map { step in
          let vector = ExchangeScenario.vector(rank: base.rank, step: step)
          let exchanged = try exchange.average(vector, step: step)
          return [
            exchanged.mean.map(\.bitPattern).hashValue, exchanged.squaredChanges.hashValue, exchange.plan.hashValue,
          ]
        }
      }
      #expect(Set(traces).count == 1)
    }
  }

  @Test("what a worker that joins sends first changes by its own norm")
  func joins() throws {
    var scenario = ExchangeScenario()
    scenario.isExact = true
    let traces = try InProcessCollective.run(worldSize: 2) { [scenario] base in
      var exchange = try scenario.exchange(base)
      _ = try exchange.average(ExchangeScenario.vector(rank: 0, step: 0), step: 0)
      if base.rank == 1 { try exchange.join(exchange.state) }
      return try exchange.average(ExchangeScenario.vector(rank: 0, step: 0), step: 1)
    }
    // Worker 0 sends the same again; worker 1 starts from zero.
    #expect(traces.allSatisfy { $0.squaredChanges == $0.squaredNorm })
  }
}
