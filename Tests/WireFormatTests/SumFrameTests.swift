import LaminaNumerics
import Quantization
import Testing
import WireFormat

@Suite("Frames of sums") struct SumFrameTests {
  private static func plan(_ step: DitheredQuantizer.Step, count: Int) throws -> QuantizationPlan {
    try PlanRecipe(
      layers: [("w", .linear, count)], quantizers: [:], dithered: [.linear: DitheredQuantizer(step: step)], seed: 31
    ).plan()
  }

  @Test("Sums of any vectors under any plan decode by definition, in the same bytes from every tier")
  func anyPlan() throws {
    for (law, rounds) in [(DecoderLaw.sumRoundTrip, 400), (.sumPayload, 3000)] {
      var stream = RandomStream(key: RandomKey(seed: 61))
      for round in 0..<rounds {
        let input = (0..<40 + round % 300).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
        #expect(throws: Never.self, "\(law), \(round): \(input)") { try DecoderLaw.check([law.rawValue] + input) }
      }
    }
  }

  @Test("Layers around the end of a block, with holes over several")
  func blocks() throws {
    for count in [1 << 19 - 1, 1 << 19, 1 << 19 + 1, 1_100_000] {
      var vectors = (0..<3).map { plainVector(count: count, seed: UInt64($0)) }
      for i in 100_000..<min(900_000, count) { vectors[1][i] = 0 }
      vectors[2][count - 1] = .nan
      try SumLaw.check(Self.plan(.agreed(0.125), count: count), vectors)
    }
  }

  @Test("An agreed step needs no scale, whatever that of the layers beside it")
  func agreedBesideZeros() throws {
    let recipe = PlanRecipe(
      layers: [("zero", .embedding, 40), ("w", .linear, 60)], quantizers: [:],
      dithered: [
        .embedding: DitheredQuantizer(step: .relative(0.5, .vector)), .linear: DitheredQuantizer(step: .agreed(0.25)),
      ])
    let plan = try recipe.plan()
    for (beside, mark) in [(Float(0), UInt32(0)), (0x1p-120, 0x7FC0_0000)] {
      let vectors = (0..<3).map { worker in
        [Float](repeating: beside, count: 40) + plainVector(count: 60, seed: UInt64(worker))
      }
      var workshop = FrameWorkshop(plan)
      let frame = SpoiledFrame(try workshop.sum(of: vectors).bytes)
      #expect(frame.number(at: frame.payloadStart + 1) == mark)
      try SumLaw.check(plan, vectors)
    }
  }

  @Test("Fact 12: the error of the mean is uniform noise of K workers, Δ²/(12K)", arguments: [1, 4, 16])
  func variance(workers: Int) throws {
    let (count, step) = (200_000, Float(0.5))
    let vectors = (0..<workers).map { plainVector(count: count, seed: UInt64($0)) }
    var workshop = FrameWorkshop(try Self.plan(.agreed(step), count: count))
    let decoded = try workshop.decode(workshop.sum(of: vectors).bytes, workers: workers)
    let squares = decoded.indices.reduce(0.0) { sum, i in
      let error = Double(decoded[i]) - vectors.reduce(0) { $0 + Double($1[i]) } / Double(workers)
      return sum + error * error
    }
    // The relative standard error is at most √(2/200,000), 0.3 %.
    let expected = Double(step * step) / 12 / Double(workers)
    #expect(abs(squares / Double(count) / expected - 1) < 0.02)
  }

  @Test("A sum takes a logarithm of K more than one worker's frame, not K of them")
  func size() throws {
    let plan = try Self.plan(.agreed(0.25), count: 50_000)
    var workshop = FrameWorkshop(plan)
    let vectors = (0..<16).map { plainVector(count: 50_000, seed: UInt64($0)) }
    let one = workshop.frame(of: vectors[0]).bytes.count
    let all = try workshop.sum(of: vectors).bytes.count
    // Half of log₂ 16 bits a coordinate, and 5 % for tables that fit less well.
    #expect(Double(all) < (Double(one) + 2.0 * 50_000 / 8) * 1.05)
  }
}
