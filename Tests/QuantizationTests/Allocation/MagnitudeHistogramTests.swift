import Foundation
import LaminaNumerics
import Quantization
import Testing

@Suite("Magnitude histogram")
struct MagnitudeHistogramTests {
  private func sample(_ count: Int, seed: UInt64) -> [Float] {
    var stream = RandomStream(key: RandomKey(seed: seed))
    return (0..<count).map { _ in
      let wide = Float(sign: .plus, exponent: Int(stream.next() % 240) - 140, significand: 1)
      return stream.next() % 8 == 0 ? 0 : Float(stream.nextNormal()) * wide
    }
  }

  private func observing(_ values: [Float]) -> MagnitudeHistogram {
    var histogram = MagnitudeHistogram()
    histogram.observe(values.span)
    return histogram
  }

  @Test("Counts are exact and merge in any order; an empty histogram changes nothing")
  func merging() throws {
    let parts = (0..<6).map { observing(sample(1000 + 77 * $0, seed: UInt64($0))) }
    var forward = MagnitudeHistogram()
    for part in parts { forward.merge(part) }
    var backward = parts[5]
    for part in parts.dropLast().reversed() { backward.merge(part) }
    let whole = observing((0..<6).flatMap { sample(1000 + 77 * $0, seed: UInt64($0)) })
    #expect(forward.count == 6 * 1000 + 77 * 15)
    #expect(forward.count == backward.count && forward.zeroCount == backward.zeroCount)
    #expect(forward.encoded() == whole.encoded())
    #expect(forward.encoded() == backward.encoded())
    var merged = whole
    merged.merge(MagnitudeHistogram())
    #expect(merged == whole)
    #expect(MagnitudeHistogram().isEmpty && !whole.isEmpty)
  }

  @Test("Zeros of both signs are counted apart; infinities and NaNs are left out")
  func specialValues() {
    let histogram = observing([0, -0.0, 1, -1, .infinity, -.infinity, .nan, .leastNonzeroMagnitude])
    #expect(histogram.zeroCount == 2 && histogram.count == 5)
    #expect(histogram.law.zeroShare == 0.4)
    #expect(histogram.law.meanMagnitude == (2 + Double(Float.leastNonzeroMagnitude)) / 5)
  }

  @Test("Encoding is a projection with exact counts, and anything else throws")
  func encoding() throws {
    for histogram in [MagnitudeHistogram(), observing([0, 0]), observing(sample(5000, seed: 9))] {
      let bytes = histogram.encoded()
      let decoded = try MagnitudeHistogram(decoding: bytes[...])
      #expect(decoded.encoded() == bytes)
      #expect(decoded.count == histogram.count && decoded.zeroCount == histogram.zeroCount)
      let (mean, exact) = (decoded.law.meanMagnitude, histogram.law.meanMagnitude)
      #expect(abs(mean - exact) <= exact / (2 * 255 * 16))
      #expect(throws: (any Error).self) { try MagnitudeHistogram(decoding: bytes.dropFirst()) }
      #expect(throws: StatisticsError.truncated) { try MagnitudeHistogram(decoding: (bytes + [0x81])[...]) }
    }
    // Counts in more bytes than needed, and runs that are one run, are refused: equal histograms have equal bytes.
    let kind = MagnitudeHistogram().encoded()[0]
    for rest: [UInt8] in [
      [0x80, 0x00], [0, 5, 1, 1, 7, 0, 1, 1, 7], [0, 5, 0], [0, 5, 1, 0, 7], [0, 0xF0, 0x1F, 1],
    ] {
      #expect(throws: (any Error).self, "\(rest)") { try MagnitudeHistogram(decoding: ([kind, 1] + rest)[...]) }
    }
  }

  @Test("Checkpoints keep every bit, and refuse numbers that no histogram holds")
  func checkpoints() throws {
    let histogram = observing(sample(500, seed: 4))
    let json = try JSONEncoder().encode(histogram)
    #expect(try JSONDecoder().decode(MagnitudeHistogram.self, from: json) == histogram)
    let text = try #require(String(bytes: json, encoding: .utf8))
    for wrong in [#""zeros":-"#, #""zeros":0.5,"old":"#] {
      let changed = text.replacingOccurrences(of: #""zeros":"#, with: wrong)
      #expect(throws: (any Error).self) { try JSONDecoder().decode(MagnitudeHistogram.self, from: Data(changed.utf8)) }
    }
    let short = #"{"zeros":0,"counts":[1],"moments":[1]}"#
    #expect(throws: (any Error).self) { try JSONDecoder().decode(MagnitudeHistogram.self, from: Data(short.utf8)) }
  }

  @Test("Mutated bytes throw or give histograms whose use does not trap")
  func mutations() {
    var stream = RandomStream(key: RandomKey(seed: 23))
    let value = observing(sample(300, seed: 3))
    let bytes = value.encoded()
    var accepted = 0
    for round in 0..<4000 {
      var mutated = bytes
      for _ in 0...Int(stream.next() % 3) {
        mutated[Int(stream.next() % UInt64(mutated.count))] = UInt8(truncatingIfNeeded: stream.next())
      }
      if stream.next() % 4 == 0 { mutated = Array(mutated.prefix(Int(stream.next() % 64))) }
      guard var decoded = try? MagnitudeHistogram(decoding: mutated[...]) else { continue }
      accepted += 1
      #expect(decoded.encoded() == mutated)
      decoded.merge(value)
      if round % 64 == 0, let step = decoded.step(bits: 3) { #expect(decoded.entropyBits(step: step) <= 3) }
    }
    #expect(accepted > 100)
  }

  @Test("The mean square is that of the sample, to 2 parts in 10⁴", arguments: ExactLaw.allCases)
  func meanSquare(law: ExactLaw) {
    let values = law.stratified(count: 1 << 12)
    let exact = values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)
    #expect(abs(observing(values).law.meanSquare / exact - 1) < 4e-4)
    #expect(abs(observing(values).rootMeanSquare / exact.squareRoot() - 1) < 2e-4)
  }
}
