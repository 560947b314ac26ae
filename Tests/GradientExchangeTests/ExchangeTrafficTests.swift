import Collectives
import GradientExchange
import Quantization
import Testing
import WireFormat

@Suite("Traffic of an exchange")
struct ExchangeTrafficTests {
  static let link = LinkModel(latency: 0, bandwidth: .infinity)

  /// Every code, protocol and scope, quantized and exact.
  static let scenarios: [ExchangeScenario] = {
    var scenarios = [ExchangeScenario(isExact: true)]
    for code in LayerCode.Kind.allCases {
      for coding in CodingProtocol.allCases {
        for scope in [NormScope.bucket(128), .layer, .vector] {
          scenarios.append(ExchangeScenario(coding: coding, code: code, scope: scope))
        }
      }
    }
    return scenarios
  }()

  @Test(
    "Fact 13: every worker receives (K−1)·b bits, and reports what it sent to the bit", arguments: scenarios, [1, 2, 4])
  func allGather(scenario: ExchangeScenario, workers: Int) throws {
    let results = try InProcessCollective.run(worldSize: workers) { group in
      let group = MeteredCollective(group, link: Self.link)
      var exchange = try scenario.exchange(group)
      for step in UInt64(0)..<5 {
        _ = try exchange.average(ExchangeScenario.vector(rank: group.rank, step: step), step: step)
      }
      return (exchange.traffic, group.traffic)
    }
    let reported = results.map { $0.0.totalBits }
    for (rank, (report, measured)) in results.enumerated() {
      #expect((workers - 1) * report.totalBits == 8 * measured.bytesSent, "rank \(rank)")
      #expect(8 * measured.bytesReceived == received(by: rank, reported))
      #expect(report.exchanges == 5)
      #expect(report.bitsPerCoordinate == Double(report.totalBits) / (5 * 1106))
    }
  }

  /// All-gathered messages and the root's broadcasts reach everybody but their sender.
  private func received(by rank: Int, _ reported: [Int]) -> Int { reported.reduce(0, +) - reported[rank] }

  @Test("a report splits a frame into norms, symbols, overhead and framing", arguments: scenarios)
  func parts(scenario: ExchangeScenario) throws {
    let plan = try scenario.plan
    var codec = ExchangeCodec(plan: plan, rank: 0)
    let frame = try codec.encode(ExchangeScenario.vector(rank: 0, step: 0), step: 0)
    let traffic = codec.traffic
    #expect(traffic.totalBits == 8 * frame.bytes.count)
    // 30 bytes, rank, epoch and step of a byte each, a size of two bytes, and the checksum.
    #expect(traffic.framing == 8 * 39)
    #expect(traffic.vectorNorms == (plan.vectorNorm == nil ? 0 : 32))
    #expect(traffic.agreement == 0)
    for type in plan.map.types {
      let part = try #require(traffic.byType[type])
      let layers = plan.map.layers.filter { $0.type == type }
      let norms = plan.plans[type]?.quantizer.map { quantizer in
        layers.reduce(0) { $0 + quantizer.scope.normCount(in: $1.range.count) }
      }
      #expect(part.norms == 32 * (norms ?? 0))
      if norms == nil { #expect(part.symbols == 32 * layers.reduce(0) { $0 + $1.range.count } && part.overhead == 0) }
    }
    #expect(Set(traffic.byType.keys) == Set(plan.map.types))
  }

  @Test("differences of reports add up to the whole")
  func since() throws {
    let scenario = ExchangeScenario(code: .huffman)
    var exchange = try scenario.exchange(SoloCollective())
    var sum = 0
    for step in UInt64(0)..<5 {
      let before = exchange.traffic
      _ = try exchange.average(ExchangeScenario.vector(rank: 0, step: step), step: step)
      let part = exchange.traffic.since(before)
      #expect(part.exchanges == 1)
      #expect((part.agreement > 0) == scenario.schedule.isUpdate(step))
      sum += part.totalBits
    }
    #expect(sum == exchange.traffic.totalBits)
  }

  @Test("times are measured and differ by what was spent since")
  func times() throws {
    var exchange = try ExchangeScenario().exchange(SoloCollective())
    _ = try exchange.average(ExchangeScenario.vector(rank: 0, step: 0), step: 0)
    let before = exchange.times
    _ = try exchange.average(ExchangeScenario.vector(rank: 0, step: 1), step: 1)
    let spent = exchange.times.since(before)
    #expect(before.agree == 0 && spent.agree > 0)
    #expect(before.encode > 0 && spent.encode > 0 && spent.decode > 0 && spent.exchange >= 0)
  }
}
