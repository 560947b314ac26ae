import Collectives
import Experiments
import Foundation
import GradientExchange
import Testing

@Suite("Predicted step times")
struct StepModelTests {
  private static let schemes = Advice.schemes(levelBits: [4, 5], ditheredBits: [3])
  private static let costs: [CodecKind: CodecCost] = [
    .levels(bits: 4): CodecCost(encode: 1e-9, accumulate: 0.2e-9, scatterReduce: 2.5e-9, bits: 4.03),
    .levels(bits: 5): CodecCost(encode: 1e-9, accumulate: 0.2e-9, scatterReduce: 2.5e-9, bits: 5.03),
    .dithered(bits: 3): CodecCost(encode: 1.5e-9, accumulate: 0.4e-9, scatterReduce: 4e-9, bits: 3.02),
  ]

  private func model(
    dimension: Int = 2_600_000, workers: Int = 4, bitsPerSecond: Double, latency: Double = 5e-5, compute: Double = 0.1
  ) -> StepModel {
    StepModel(
      dimension: dimension, workers: workers, link: LinkModel(latency: latency, bandwidth: bitsPerSecond / 8),
      compute: compute, codecs: Self.costs)
  }

  @Test("Full precision is a ring all-reduce, an all-gather receives K − 1 frames", arguments: [1, 2, 4, 16, 1024])
  func closedForms(workers: Int) throws {
    let model = model(workers: workers, bitsPerSecond: 1e9)
    let k = Double(workers)
    let full = try #require(model.prediction(for: .allReduce(bits: 32)))
    let bytes = 2 * (k - 1) / k * 4 * 2_600_000
    #expect(abs(full.bytes - bytes) <= 1e-9 * bytes)
    #expect(abs(full.step - (0.1 + bytes / 125e6 + 2 * (k - 1) * 5e-5)) <= 1e-9)
    let gathered = try #require(model.prediction(for: .levels(bits: 5, .allGather)))
    #expect(abs(gathered.bytes - (k - 1) * 5.03 * 2_600_000 / 8) <= k)
  }

  @Test("A scatter-reduce receives less than two frames and the bits of the sums, whatever K is")
  func scatterReduce() throws {
    for workers in [2, 4, 64, 1024] {
      let model = model(workers: workers, bitsPerSecond: 1e9)
      let levels = try #require(model.prediction(for: .levels(bits: 5, .scatterReduce)))
      #expect(levels.bytes <= 2 * 5.03 * 2_600_000 / 8)
      let dithered = try #require(model.prediction(for: .dithered(bits: 3, .scatterReduce)))
      #expect(dithered.bytes <= (2 * 3.02 + 0.5 * Foundation.log2(Double(workers))) * 2_600_000 / 8)
    }
  }

  @Test("A slower link never makes compression less worth while, and an endless one makes it worthless")
  func monotone() {
    var last = 0.0
    for speed in [1e12, 1e11, 1e10, 1e9, 1e8, 1e7] {
      let advice = Advice(model(bitsPerSecond: speed), schemes: Self.schemes)
      #expect(advice.best.speedUp >= last)
      last = advice.best.speedUp
    }
    #expect(last > 5)
    let endless = Advice(model(bitsPerSecond: .infinity, latency: 0), schemes: Self.schemes)
    #expect(endless.best.scheme == .allReduce(bits: 32) && endless.sentence.hasPrefix("Do not compress"))
    let alone = Advice(model(workers: 1, bitsPerSecond: 1e6), schemes: Self.schemes)
    #expect(alone.best.scheme == .allReduce(bits: 32))
  }

  @Test("The advice is the fastest scheme of its table, with its flags")
  func best() throws {
    let advice = Advice(model(workers: 16, bitsPerSecond: 1e8), schemes: Self.schemes)
    #expect(advice.rows.allSatisfy { $0.prediction.step >= advice.best.prediction.step })
    let flags = try #require(advice.best.scheme.flags)
    #expect(flags.contains("--reduction scatter-reduce") && advice.sentence.contains(flags))
    #expect(advice.text.contains("\n* "))
  }

  @Test("The grid covers 2 to 1,024 workers and 0.1 to 100 Gbit/s")
  func grid() {
    let grid = AdviceGrid(model(bitsPerSecond: 1e9), schemes: Self.schemes)
    #expect(
      grid.cells.count == AdviceGrid.workers.count && grid.cells.allSatisfy { $0.count == AdviceGrid.speeds.count })
    #expect(AdviceGrid.workers.first == 2 && AdviceGrid.workers.last == 1024)
    #expect(AdviceGrid.speeds.first == 1e8 && AdviceGrid.speeds.last == 1e11)
    #expect(grid.text.split(separator: "\n").count > AdviceGrid.workers.count)
  }

  @Test("A measured codec has the size of its frames")
  func measured() throws {
    let cost = try CodecCost(measuring: .levels(bits: 5), count: 1 << 16, repetitions: 1)
    #expect(cost.encode > 0 && cost.accumulate > 0 && cost.scatterReduce > cost.encode)
    // 5 bits, a norm for every 1024, and some 40 bytes of frame.
    #expect(cost.bits > 5.03 && cost.bits < 5.05)
  }
}
