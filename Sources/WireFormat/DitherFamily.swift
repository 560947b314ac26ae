import EntropyCoding
import Quantization

/// The laws of numbers that a frame can name in nine bits: seven of Student's type, with 1 to 39 degrees of freedom, and a
/// geometric one, each at 64 scales, eight to the octave.
///
/// WireFormat.md, section "Family of laws", is normative. Only IEEE additions, multiplications, divisions and square roots
/// are used, so that every platform computes the same frequencies.
package enum DitherFamily {
  package static let shapeCount = 8
  package static let scaleCount = 64

  struct Member: Sendable {
    let distribution: SymbolDistribution
    let information: [Double]
    let meanMagnitude: Double

    /// The bits of symbols that occur so often.
    func bits(for counts: [Int]) -> Double { DitherFamily.bits(for: counts, information: information) }
  }

  /// The bits of each number, in multiples of 2⁻²⁰: far from where logarithms of platforms differ, so that all choose the
  /// same model.
  static func information(of distribution: SymbolDistribution) -> [Double] {
    (0..<distribution.symbolCount).map { (distribution.information(of: $0) * 0x1p20).rounded() * 0x1p-20 }
  }

  /// The bits of numbers that occur so often; exact.
  static func bits(for counts: [Int], information: [Double]) -> Double {
    counts.indices.reduce(0) { $0 + Double(counts[$1]) * information[$1] }
  }

  static func member(shape: Int, scale: Int) -> Member { members[shape * scaleCount + scale] }

  /// The member that codes symbols with these counts in the fewest bits, among those of a similar mean of |h|.
  static func nearest(to counts: [Int]) -> (shape: Int, scale: Int) {
    let mean = meanMagnitude { Double(counts[$0]) }
    var best = (bits: Double.infinity, shape: 0, scale: 0)
    for shape in 0..<shapeCount {
      let scales = members[shape * scaleCount..<(shape + 1) * scaleCount]
      let above = scales.firstIndex { $0.meanMagnitude >= mean } ?? scales.endIndex - 1
      for index in max(scales.startIndex, above - 2)...min(scales.endIndex - 1, above + 1) {
        let bits = members[index].bits(for: counts)
        if bits < best.bits { best = (bits, shape, index - scales.startIndex) }
      }
    }
    return (best.shape, best.scale)
  }

  private static let members: [Member] = (0..<shapeCount).flatMap { shape in
    (0..<scaleCount).map { scale in
      let frequencies = frequencies(shape: shape, scale: scale)
      guard let distribution = try? SymbolDistribution(frequencies: frequencies) else {
        preconditionFailure("The frequencies of a law sum to their total")
      }
      return Member(
        distribution: distribution, information: information(of: distribution),
        meanMagnitude: meanMagnitude { Double(frequencies[$0]) })
    }
  }

  /// p of (1 + h²/((2p − 1)s²))^(−p), a law of Student's type with 2p − 1 degrees of freedom; 0 is the geometric law.
  private static let powers = [1, 2, 3, 4, 6, 10, 20, 0]

  /// The frequencies of the numbers: the escape first, then h = −15…15.
  package static func frequencies(shape: Int, scale: Int) -> [UInt16] {
    let s = scaleValue(scale)
    let weights = powers[shape] == 0 ? geometricWeights(scale: s) : studentWeights(power: powers[shape], scale: s)
    var tail = 0.0
    for h in 16..<256 { tail += 2 * weights[h] }
    var total = tail + weights[0]
    for h in 1..<16 { total += 2 * weights[h] }
    var frequencies = [frequency(tail, of: total)]
    for h in -15...15 { frequencies.append(frequency(weights[abs(h)], of: total)) }
    frequencies[16] += 4096 - frequencies.reduce(0, +)
    return frequencies.map { UInt16($0) }
  }

  private static func studentWeights(power: Int, scale: Double) -> [Double] {
    (0..<256).map { h in
      let base = 1 + Double(h * h) / (Double(2 * power - 1) * (scale * scale))
      var product = 1.0
      for _ in 0..<power { product *= base }
      return 1 / product
    }
  }

  private static func geometricWeights(scale: Double) -> [Double] {
    let ratio = scale / (scale + 1)
    var weights = [1.0]
    for _ in 1..<256 { weights.append(weights[weights.count - 1] * ratio) }
    return weights
  }

  private static func frequency(_ weight: Double, of total: Double) -> Int {
    max(1, Int((4096 * weight / total + 0.5).rounded(.down)))
  }

  /// 2^((k − 24)/8), from square roots of two.
  private static func scaleValue(_ k: Int) -> Double {
    let half = 2.0.squareRoot()
    let quarter = half.squareRoot()
    let eighth = quarter.squareRoot()
    var value = (k & 1 == 0 ? 1 : eighth) * (k & 2 == 0 ? 1 : quarter) * (k & 4 == 0 ? 1 : half)
    for _ in 0..<(k >> 3) { value *= 2 }
    return value / 8
  }

  private static func meanMagnitude(_ weight: (Int) -> Double) -> Double {
    var sum = 0.0
    var total = 0.0
    for number in 0..<32 {
      let magnitude = number == 0 ? 20 : Double(abs(number - 16))
      sum += weight(number) * magnitude
      total += weight(number)
    }
    return total > 0 ? sum / total : 0
  }
}
