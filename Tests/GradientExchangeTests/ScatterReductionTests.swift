import Collectives
import GradientExchange
import LaminaNumerics
import Quantization
import Testing
import WireFormat

@Suite("The scatter-reduce")
struct ScatterReductionTests {
  static let workerCounts = [1, 2, 3, 4, 8, 16]
  /// The pieces of the scenario's 1106 coordinates: one or several rounds, or less than a bucket.
  static let pieceSizes = [1 << 17, 100, 20]

  static let scenarios: [ExchangeScenario] = {
    var exact = ExchangeScenario()
    exact.isExact = true
    var packed = ExchangeScenario()
    packed.method = .fixed
    var adapted = ExchangeScenario()
    adapted.code = .huffman
    var layered = ExchangeScenario()
    layered.scope = .layer
    var agreed = ExchangeScenario()
    agreed.dither = .agreed(0.125)
    var relative = ExchangeScenario()
    relative.dither = .relative(0.5, .vector)
    relative.bits = 3
    var bucketed = ExchangeScenario()
    bucketed.dither = .relative(0.5, .bucket(64))
    return [exact, packed, adapted, layered, agreed, relative, bucketed].map { scenario in
      var scenario = scenario
      scenario.options.reduction = .scatterReduce
      return scenario
    }
  }()

  @Test("all ranks hold the same bits", arguments: workerCounts, scenarios.indices)
  func replicas(workers: Int, index: Int) throws {
    for pieceSize in Self.pieceSizes {
      var scenario = Self.scenarios[index]
      scenario.options.pieceSize = pieceSize
      let traces = try scenario.traces(workers: workers, steps: 0..<8)
      for step in 0..<8 {
        let first = traces[0][step]
        for trace in traces.map({ $0[step] }) {
          #expect(trace.mean == first.mean && trace.plan == first.plan && trace.epoch == first.epoch)
          #expect(trace.squaredNorms == first.squaredNorms && trace.squaredChanges == first.squaredChanges)
        }
      }
    }
  }

  @Test("vectors that travel exactly have the same mean as after an all-gather, bit for bit", arguments: workerCounts)
  func exactMean(workers: Int) throws {
    var scenario = Self.scenarios[0]
    scenario.options.pieceSize = 50
    var gathered = scenario
    gathered.options.reduction = .allGather
    let scattered = try scenario.traces(workers: workers, steps: 0..<3)
    for (trace, other) in zip(scattered, try gathered.traces(workers: workers, steps: 0..<3)) {
      #expect(trace.map(\.mean) == other.map(\.mean))
    }
  }

  /// The mean of the vectors as each rank's frames were decoded, and the mean that came of the exchange.
  private func means(
    _ scenario: ExchangeScenario, workers: Int, steps: Range<UInt64>
  ) throws -> [(sent: [Double], exchanged: [Double])] {
    let traces = try InProcessCollective.run(worldSize: workers) { group in
      var exchange = try scenario.exchange(group)
      return try steps.map { step in
        let exchanged = try exchange.average(ExchangeScenario.vector(rank: group.rank, step: step), step: step)
        return (own: exchange.state.own, mean: exchanged.mean)
      }
    }
    return steps.indices.map { index in
      let step = index - steps.startIndex
      let sent = traces[0][Int(step)].own.indices.map { i in
        traces.reduce(0) { $0 + Double($1[Int(step)].own[i]) } / Double(workers)
      }
      return (sent, traces[0][Int(step)].mean.map(Double.init))
    }
  }

  @Test(
    "integers with a common step travel on without loss: the mean is that of the vectors as they were sent",
    arguments: [2, 3, 4, 8, 16], [4, 5])
  func lossless(workers: Int, index: Int) throws {
    var scenario = Self.scenarios[index]
    scenario.options.pieceSize = 60
    for (sent, exchanged) in try means(scenario, workers: workers, steps: 0..<6) {
      let largest = sent.reduce(0) { max($0, abs($1)) }
      // 2K + 3 roundings of binary32 on each side, none of a number beyond a few times the largest one.
      let tolerance = Double(4 * workers + 6) * 4 * (largest + 1) * 0x1p-24
      for i in sent.indices { #expect(abs(sent[i] - exchanged[i]) <= tolerance, "\(i): \(sent[i]) \(exchanged[i])") }
    }
  }

  @Test("what is rounded to levels is rounded again without bias, within the variance of the levels")
  func unbiased() throws {
    let scenario = Self.scenarios[1]
    let workers = 4
    let steps = 400
    let dimension = try scenario.plan.map.dimension
    let vectors = (0..<workers).map { ExchangeScenario.vector(rank: $0, step: 0) }
    let outputs = try InProcessCollective.run(worldSize: workers) { group in
      var exchange = try scenario.exchange(group)
      return try (0..<steps).map { try exchange.average(vectors[group.rank], step: UInt64(2 + 3 * $0)).mean }
    }[0]
    var bias = 0.0
    var variance = 0.0
    for i in 0..<dimension {
      let wanted = vectors.reduce(0) { $0 + Double($1[i]) } / Double(workers)
      let mean = outputs.reduce(0) { $0 + Double($1[i]) } / Double(steps)
      bias += (mean - wanted) * (mean - wanted)
      variance += outputs.reduce(0) { $0 + (Double($1[i]) - mean) * (Double($1[i]) - mean) } / Double(steps - 1)
    }
    // The squared bias is that of chance: variance/steps, its relative spread below 6·√(2/dimension) even for one law.
    #expect(bias <= variance / Double(steps) * (1 + 6 * (2 / Double(dimension)).squareRoot()))
    #expect(variance > 0)
  }

  @Test("the bytes reported as sent are those that travel, under both reductions", arguments: [1, 2, 4, 8])
  func sentBytes(workers: Int) throws {
    for (index, reduction) in Self.scenarios.indices.flatMap({ i in Reduction.allCases.map { (i, $0) } }) {
      var scenario = Self.scenarios[index]
      scenario.options.reduction = reduction
      scenario.options.pieceSize = 64
      let counted = try InProcessCollective.run(worldSize: workers) { [scenario] base in
        let group = MeteredCollective(base, link: LinkModel(latency: 0, bandwidth: 1))
        var exchange = try scenario.exchange(group)
        for step in UInt64(0)..<8 {
          _ = try exchange.average(ExchangeScenario.vector(rank: base.rank, step: step), step: step)
        }
        return (reported: exchange.traffic.sentBytes, travelled: group.traffic.bytesSent)
      }
      for (rank, bytes) in counted.enumerated() { #expect(bytes.reported == bytes.travelled, "rank \(rank)") }
    }
  }

  @Test("a run that goes on from its state equals one that was not interrupted", arguments: scenarios.indices)
  func resumed(index: Int) throws {
    var scenario = Self.scenarios[index]
    scenario.options.pieceSize = 100
    let whole = try scenario.traces(workers: 3, steps: 0..<9)
    let states = try InProcessCollective.run(worldSize: 3) { [scenario] group in
      var exchange = try scenario.exchange(group)
      for step in UInt64(0)..<4 {
        _ = try exchange.average(ExchangeScenario.vector(rank: group.rank, step: step), step: step)
      }
      return exchange.state
    }
    let rest = try scenario.traces(workers: 3, steps: 4..<9, from: states)
    for rank in 0..<3 { #expect(rest[rank] == Array(whole[rank][4...])) }
  }

  @Test("a damaged message of either phase is an error that names its maker, on the rank that reads it")
  func damage() throws {
    // Calls of the agreed-step scenario: an all-to-all and an all-gather a step.
    for (damaged, call) in [(0, CollectiveCall.allToAll), (1, .allGather)] {
      let errors = try InProcessCollective.run(worldSize: 4) { base -> ExchangeError? in
        let group = TamperingCollective(base) { seen, index, message in
          guard base.rank == 2, seen == call, index == damaged, message.count > 20 else { return message }
          var message = message
          message[message.count / 2] ^= 4
          return message
        }
        var exchange = try Self.scenarios[4].exchange(group)
        do {
          _ = try exchange.average(ExchangeScenario.vector(rank: base.rank, step: 0), step: 0)
          return nil
        } catch let error as ExchangeError { return error }
      }
      for case .frame(let rank, let error)? in errors {
        guard case .checksumMismatch = error else {
          Issue.record("\(error)")
          continue
        }
        #expect(rank == 2)
      }
      #expect(errors.contains { if case .frame? = $0 { true } else { false } })
    }
  }

  @Test("pieces cover the vector in order and end with buckets", arguments: workerCounts)
  func layout(workers: Int) throws {
    for scenario in Self.scenarios {
      let plan = try scenario.plan
      for pieceSize in [1, 7, 50, 300, 1 << 17] {
        let pieces = PieceLayout(plan: plan, worldSize: workers, pieceSize: pieceSize).rounds
        #expect(pieces.allSatisfy { $0.count == workers })
        var end = 0
        for piece in pieces.joined() {
          #expect(piece.lowerBound == end)
          end = piece.upperBound
        }
        #expect(end == plan.map.dimension)
      }
    }
  }
}
