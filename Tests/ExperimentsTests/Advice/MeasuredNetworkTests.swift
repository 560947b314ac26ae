import Collectives
import Experiments
import GradientExchange
import Testing

@Suite("Measured networks")
struct MeasuredNetworkTests {
  private static let schemes = Advice.schemes(levelBits: [5], ditheredBits: [3]).filter { $0.codec != nil }
  private static let costs: [CodecKind: CodecCost] = [
    .levels(bits: 5): CodecCost(encode: 1e-9, accumulate: 0.2e-9, scatterReduce: 2.5e-9, bits: 5.03),
    .dithered(bits: 3): CodecCost(encode: 1.5e-9, accumulate: 0.4e-9, scatterReduce: 4e-9, bits: 3.02),
  ]

  private func model(
    workers: Int = 4, dimension: Int = 2_600_000, bandwidth: Double = 125e6, transport: Double = 0,
    measured: MeasuredNetwork? = nil
  ) -> StepModel {
    var model = StepModel(
      dimension: dimension, workers: workers, link: LinkModel(latency: 0, bandwidth: bandwidth), compute: 0,
      codecs: Self.costs)
    model.transport = transport
    model.measured = measured
    return model
  }

  /// A network whose calls take what a link of so many bytes a second takes, less what a burst of `burst` bytes saves.
  private func network(workers: Int, bandwidth: Double, burst: Double = 0) -> MeasuredNetwork {
    let points = [4, 1 << 13, 1 << 17, 1 << 18, 1 << 19, 1 << 21].map { length in
      let bytes = Double((workers - 1) * length)
      return MeasuredNetwork.Point(length: length, busy: bytes / bandwidth, rested: max(0, bytes - burst) / bandwidth)
    }
    return MeasuredNetwork(workers: workers, points: points, transport: 0)
  }

  @Test("A measured link without bursts is the link given", arguments: [2, 4, 8], [20_000, 2_600_000, 25_000_000])
  func sameAsLink(workers: Int, dimension: Int) throws {
    let given = model(workers: workers, dimension: dimension)
    let measured = model(
      workers: workers, dimension: dimension, measured: network(workers: workers, bandwidth: 125e6))
    for scheme in Self.schemes {
      let (a, b) = (try #require(given.prediction(for: scheme)), try #require(measured.prediction(for: scheme)))
      #expect(abs(a.exchange - b.exchange) <= 1e-3 * a.exchange, "\(scheme.title)")
      #expect(a.bytes == b.bytes)
    }
  }

  @Test("A call takes longer with every byte, between the lengths measured and beyond them")
  func monotone() {
    let network = network(workers: 4, bandwidth: 125e6, burst: 262_144)
    var last = network.call(length: 0)
    for length in stride(from: 1000.0, through: 2e7, by: 37_000) {
      let call = network.call(length: length)
      #expect(call.busy > last.busy && call.rested >= last.rested && call.rested <= call.busy)
      last = call
    }
    let (far, farther) = (network.call(length: 1e7), network.call(length: 2e7))
    #expect(abs(farther.busy - far.busy - 3e7 / 125e6) < 1e-6, "the rate goes on")
    #expect(abs(farther.busy - farther.rested - 262_144 / 125e6) < 1e-6, "a burst saves no more than it carries")
  }

  @Test("What a burst carries costs nothing after a rest, and the rate holds in the long run")
  func burst() throws {
    let burst = 262_144.0
    var model = model(workers: 2, dimension: 300_000, measured: network(workers: 2, bandwidth: 125e6, burst: burst))
    let scheme = ExchangeScheme.levels(bits: 5, .allGather)
    let bytes = try #require(model.prediction(for: scheme)).bytes
    #expect(bytes < burst)
    // The codec takes less than the link, which never rests for long.
    let tight = try #require(model.prediction(for: scheme))
    #expect(tight.codec < bytes / 125e6 && abs(tight.exchange - bytes / 125e6) < 0.02 * tight.exchange)
    model.compute = 0.1
    let loose = try #require(model.prediction(for: scheme))
    #expect(loose.exchange < 0.4 * tight.exchange && loose.exchange >= loose.codec)
    // A long exchange saves the burst, once.
    model.dimension = 25_000_000
    let long = try #require(model.prediction(for: scheme))
    #expect(abs(long.exchange - long.codec - (long.bytes - burst) / 125e6) < 1e-3 * long.exchange)
  }

  @Test("An exchange takes no less for a transport that costs processor time, and all of it once that is the most")
  func transport() throws {
    for scheme in Self.schemes + [.allReduce(bits: 32)] {
      let free = try #require(model().prediction(for: scheme))
      var last = free.exchange
      for cost in [1e-10, 1e-9, 1e-8, 1e-7] {
        let costly = try #require(model(transport: cost).prediction(for: scheme))
        #expect(costly.exchange >= last)
        last = costly.exchange
      }
      // 2·10⁻⁷ s a byte is far beyond the link, and no codec runs beside what keeps the cores busy.
      #expect(abs(last - 2e-7 * free.bytes - free.codec) <= 1e-3 * last, "\(scheme.title)")
    }
  }

  @Test("Seconds of a codec replace the cost of a coordinate")
  func codecSeconds() throws {
    let model = model(measured: network(workers: 4, bandwidth: 125e6))
    let scheme = ExchangeScheme.levels(bits: 5, .allGather)
    let derived = try #require(model.prediction(for: scheme))
    let said = try #require(model.prediction(for: scheme, codecSeconds: derived.codec + 1))
    #expect(abs(said.exchange - derived.exchange - 1) < 1e-9 && said.codec == derived.codec + 1)
  }

  @Test("A group is measured with all its ranks, and a replayed exchange gives what the group gave")
  func measuring() throws {
    let results = try InProcessCollective.run(worldSize: 3) { group in
      let network = try MeasuredNetwork(measuring: group)
      #expect(network.workers == 3 && network.points.count > 3 && network.transport >= 0)
      #expect(network.points.allSatisfy { $0.busy > 0 && $0.rested > 0 && $0.rested <= $0.busy })
      let replay = ReplayCollective(group)
      let first = [try replay.allGather([UInt8(group.rank)]), try replay.allToAll([[1], [2], [3]])]
      replay.rewind()
      #expect([try replay.allGather([UInt8(group.rank)]), try replay.allToAll([[1], [2], [3]])] == first)
      return first
    }
    #expect(results.map { $0[0] } == Array(repeating: [[0], [1], [2]], count: 3))
    #expect(results.enumerated().allSatisfy { $1[1] == Array(repeating: [UInt8($0 + 1)], count: 3) })
  }
}
