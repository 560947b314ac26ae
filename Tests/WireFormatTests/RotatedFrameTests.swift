import LaminaNumerics
import Quantization
import Testing
import WireFormat

@Suite("Frames of rotated layers")
struct RotatedFrameTests {
  /// A layer with blocks of zeros, exact blocks and a tail.
  private static func plan(_ quantizer: EDENQuantizer, count: Int) throws -> QuantizationPlan {
    try PlanRecipe(layers: [("w", .linear, count)], quantizers: [:], rotated: [.linear: quantizer], seed: 9).plan()
  }

  private static func vector(_ count: Int) -> [Float] {
    var values = plainVector(count: count, seed: 12)
    for i in stride(from: 0, to: count, by: 997) { values[i] *= 100 }
    if count > 4000 {
      for i in 1024..<2048 { values[i] = 0 }
      values[count - 700] = .infinity
    }
    return values
  }

  @Test(
    "Bytes, sums and the own decoding are those of the quantizer, whatever the number of threads and the tier",
    arguments: [1, 127, 129, 4096, 20_000])
  func sameBytes(count: Int) throws {
    let vector = Self.vector(count)
    for (bits, blockSize) in [(1, 512), (3, 128), (8, 4096)] {
      let quantizer = EDENQuantizer(bits: bits, blockSize: blockSize)
      let plan = try Self.plan(quantizer, count: count)
      let key = RandomKey(seed: plan.seed).folding(0).folding(0).folding(0)
      let symbols = quantizer.quantize(vector.span, key: key)
      var expected = [Float](repeating: 0, count: count)
      var span = expected.mutableSpan
      quantizer.accumulate(symbols, key: key, into: &span)
      var first = FrameWorkshop(plan)
      let made = first.frame(of: vector)
      #expect(patterns(made.decoded) == patterns(expected))
      for (threads, tier) in [(2, .active), (3, .active), (8, .active)] + KernelTier.supported.map({ (1, $0) }) {
        var workshop = FrameWorkshop(plan, memory: DitheredMemory(threads: threads, tier: tier))
        let again = workshop.frame(of: vector)
        #expect(again.bytes == made.bytes && patterns(again.decoded) == patterns(expected))
        #expect(patterns(try workshop.decode(made.bytes)) == patterns(expected), "\(threads) threads, \(tier)")
      }
    }
  }

  @Test("A layer takes a scale a block, its bits a symbol, and 32 bits an exact coordinate")
  func size() throws {
    let plan = try Self.plan(EDENQuantizer(bits: 3, blockSize: 128), count: 1000)
    var vector = plainVector(count: 1000, seed: 14)
    for i in 0..<128 { vector[i] = 0 }
    vector[200] = .nan
    var workshop = FrameWorkshop(plan)
    let made = workshop.frame(of: vector)
    // Of the eight blocks one is zero and one exact; the last has 104 coordinates and 24 zeros.
    #expect(made.traffic.norms == 8 * 32)
    #expect(made.traffic.symbols == 128 * 32 + (5 * 128 + 104) * 3)
    #expect(made.traffic.overhead == 24 * 3)
    #expect(made.traffic.total == 8 * (made.bytes.count - made.framing))
  }

  @Test("The decoded vector keeps the inner product ⟨x, Q(x)⟩ = ‖x‖², and the error is that of the codebook")
  func error() throws {
    let vector = plainVector(count: 1 << 15, seed: 15)
    let energy = vector.reduce(0) { $0 + Double($1) * Double($1) }
    for bits in [1, 2, 5] {
      let quantizer = EDENQuantizer(bits: bits)
      var workshop = FrameWorkshop(try Self.plan(quantizer, count: vector.count))
      let decoded = workshop.frame(of: vector).decoded
      let product = zip(vector, decoded).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      let error = zip(vector, decoded).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
      #expect(abs(product / energy - 1) < 1e-5)
      #expect(abs(error / energy / quantizer.expectedRelativeError - 1) < 0.04, "\(bits) bits")
    }
  }
}
