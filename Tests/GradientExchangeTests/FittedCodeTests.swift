import Collectives
import EntropyCoding
import GradientExchange
import LaminaNumerics
import Quantization
import RealModule
import Testing
import WireFormat

/// After an agreement the tables of codes fit the symbols of vectors of the same law.
@Suite("Codes after an agreement")
struct FittedCodeTests {
  enum Law: String, CaseIterable { case normal, laplace }

  static let count = 1 << 17

  private static func vector(_ law: Law, step: UInt64) -> [Float] {
    var stream = RandomStream(key: RandomKey(seed: 21).folding(step))
    return (0..<count).map { _ in
      switch law {
      case .normal: Float(stream.nextNormal())
      case .laplace: Float(Double.log(1 - stream.nextUnit()) * (stream.nextUnit() < 0.5 ? 1 : -1))
      }
    }
  }

  /// The entropy of the indices, the share of the most frequent one, and the signs per coordinate, in exchange 1.
  private static func symbols(
    _ vector: [Float], plan: QuantizationPlan
  ) throws -> (entropy: Double, largest: Double, signs: Double) {
    let quantizer = try #require(plan.plans[.linear]?.quantizer)
    let key = RandomKey(seed: plan.seed).folding(1).folding(0).folding(0)
    let symbols = quantizer.quantize(vector.span, key: key).symbols
    var counts = [Double](repeating: 0, count: quantizer.levels.count)
    for symbol in symbols { counts[Int(symbol & 0x7F)] += 1 }
    let shares = counts.map { $0 / Double(symbols.count) }
    return (entropyInBits(of: shares), shares.max() ?? 0, 1 - shares[0])
  }

  @Test(
    "measured bits per coordinate are the entropy of the symbols, within the code's own margin",
    arguments: Law.allCases,
    [LayerCode.Kind.huffman, .rans])
  func fit(law: Law, code: LayerCode.Kind) throws {
    let map = try LayerMap(parameters: [("linear.weight", Self.count)])
    let quantizer = LevelQuantizer(levels: .exponential(multiplier: 0.5, interiorCount: 6))
    let start = try QuantizationPlan(map: map, quantizer: quantizer, code: code, seed: 3)
    let schedule = LevelSchedule(early: [1], interval: 100)
    var exchange = QuantizedExchange(
      plan: start, group: SoloCollective(), agreement: LevelAgreement(schedule: schedule))
    _ = try exchange.average(Self.vector(law, step: 0), step: 0)
    let before = exchange.traffic
    let vector = Self.vector(law, step: 1)
    _ = try exchange.average(vector, step: 1)
    let bits = try #require(exchange.traffic.since(before).byType[.linear])
    let measured = Double(bits.symbols) / Double(Self.count)
    let (entropy, largest, signs) = try Self.symbols(vector, plan: exchange.plan)
    // No code beats the entropy of the sequence by more than log2 of the number of types of sequences: 8 symbols, so
    // at most 7·17 bits of 2¹⁷ symbols, 0.001 bits each.
    #expect(measured >= entropy + signs - 0.001)
    // A table of the true law would cost nothing more for rANS. The table here is of another sample (7/(2n·ln 2) bits,
    // below 10⁻⁴), from a histogram with bins of a few percent, in 12 bits of precision: fact 11's margin of .5 % and
    // .01 bits holds them all. Huffman adds at most the largest probability and .0861 (Gallager 1978).
    let margin = 0.005 * entropy + 0.01
    let redundancy = code == .huffman ? largest + 0.0861 : 0
    #expect(measured <= entropy + signs + margin + redundancy)
    // The uniform table of the start costs 3 bits an index.
    let untrained = try #require(before.byType[.linear])
    #expect(bits.symbols < untrained.symbols)
    // What the receiver can compute beforehand, the cost of every symbol, is what is sent. The 64 lanes of rANS keep 16
    // to 32 bits each over that, and integer division moves a symbol's cost by less than 0.001 bit on average.
    let costs = PreparedPlan(exchange.plan).codeLengths(of: .linear)
    let key = RandomKey(seed: 3).folding(1).folding(0).folding(0)
    let fitted = try #require(exchange.plan.plans[.linear]?.quantizer)
    let symbols = fitted.quantize(vector.span, key: key).symbols
    let expected = symbols.reduce(0) { $0 + costs[Int($1 & 0x7F)] + ($1 & 0x7F == 0 ? 0 : 1) }
    let excess = Double(bits.symbols) - expected
    let drift = 0.001 * Double(Self.count)
    #expect(code == .huffman ? excess == 0 : (64 * 16 - drift...64 * 32 + drift).contains(excess))
  }
}
