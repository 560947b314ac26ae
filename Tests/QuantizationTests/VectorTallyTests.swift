import LaminaNumerics
import Quantization
import TestSupport
import Testing

@Suite struct VectorTallyTests {
  private static func vector(_ count: Int, seed: UInt64) -> [Float] {
    var stream = RandomStream(key: RandomKey(seed: seed))
    return (0..<count).map { _ in Float(stream.nextNormal()) }
  }

  private static func tally(
    _ sent: [Float], _ before: [Float], _ wanted: [Float], pieces: [Range<Int>], tier: KernelTier
  ) -> VectorTally {
    var (sent, tally) = (sent, VectorTally())
    sent.withUnsafeMutableBufferPointer { sent in
      before.withUnsafeBufferPointer { before in
        wanted.withUnsafeBufferPointer { wanted in
          let decoded = DecodedLayer(values: sent, before: before)
          for piece in pieces {
            tally.add(decoded[piece], wanted: UnsafeBufferPointer(rebasing: wanted[piece]), tier: tier)
          }
        }
      }
    }
    return tally
  }

  @Test("Sums are those of the definition, whatever the pieces, and the same on every tier")
  func definition() {
    for count in [0, 1, 7, 8, 1000, 5000] {
      let (sent, before) = (Self.vector(count, seed: 1), Self.vector(count, seed: 2))
      let wanted = Self.vector(count, seed: 3)
      let squares = { (a: [Float], b: [Float]) in
        zip(a, b).reduce(0.0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
      }
      let zeros = [Float](repeating: 0, count: count)
      let expected = [squares(sent, zeros), squares(sent, before), squares(sent, wanted), squares(wanted, zeros)]
      for pieces in [[0..<count], [0..<count / 3, count / 3..<count]] {
        let portable = Self.tally(sent, before, wanted, pieces: pieces, tier: .portable)
        for (sum, exact) in zip([portable.norm, portable.change, portable.error, portable.source], expected) {
          #expect(abs(sum - exact) <= 1e-12 * exact)
        }
        for tier in KernelTier.supported {
          #expect(Self.tally(sent, before, wanted, pieces: pieces, tier: tier) == portable, "\(tier), \(count)")
        }
      }
    }
  }

  @Test("Sums with a NaN are the one NaN that travels")
  func canonicalNaN() {
    let odd = [Float(bitPattern: 0xFFC0_1234), .infinity]
    for tier in KernelTier.supported {
      let tally = Self.tally(odd, [.infinity, 0], [0, .infinity], pieces: [0..<1, 1..<2], tier: tier)
      #expect(tally.bitPatterns == [Double.nan, .nan, .nan, .infinity].map(\.bitPattern))
    }
  }
}
