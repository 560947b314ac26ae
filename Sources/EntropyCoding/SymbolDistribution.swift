import RealModule

/// Probabilities as integer frequencies that sum to a power of two.
///
/// The total is 2¹² for up to 1024 symbols and 2¹⁴ for up to 4096. Every symbol has at least frequency 1, so that
/// anything can be coded, however improbable it seemed. Equal inputs give equal frequencies on every machine: only
/// IEEE additions, multiplications and divisions in a fixed order are used.
public struct SymbolDistribution: Hashable, Sendable {
  /// The frequency of each symbol.
  public let frequencies: [UInt16]

  /// The most symbols that a distribution can have.
  public static let maximumSymbolCount = 4096

  /// The frequencies nearest to `probabilities`.
  ///
  /// Symbols whose share would be below 1 get 1; the others share the rest in proportion, which minimises the cross
  /// entropy up to rounding, and the units lost by rounding down go to the largest remainders.
  ///
  /// - Parameter probabilities: 1…4096 finite numbers, none negative; they need not sum to 1, and all zero means uniform.
  public init(probabilities: [Double]) {
    precondition(
      (1...Self.maximumSymbolCount).contains(probabilities.count),
      "A distribution has 1 to 4096 symbols, not \(probabilities.count)")
    precondition(
      probabilities.allSatisfy { $0 >= 0 && $0.isFinite }, "Probabilities are finite and not negative")
    let largest = probabilities.reduce(0, max)
    let weights = largest > 0 ? probabilities.map { $0 / largest } : probabilities.map { _ in 1 }
    frequencies = Self.apportioned(weights, total: Self.total(symbolCount: probabilities.count))
  }

  /// The frequencies nearest to the shares of `counts`.
  ///
  /// - Parameter counts: How often each of 1…4096 symbols was seen; all zero means uniform.
  public init(counts: [UInt64]) { self.init(probabilities: counts.map { Double($0) }) }

  /// Adopts `frequencies`.
  ///
  /// - Parameter frequencies: 1…4096 positive numbers with the sum that their number calls for.
  /// - Throws: ``DecodingError/invalidDistribution``.
  public init(frequencies: [UInt16]) throws(DecodingError) {
    guard (1...Self.maximumSymbolCount).contains(frequencies.count),
      !frequencies.contains(0),
      frequencies.reduce(0, { $0 + Int($1) }) == Self.total(symbolCount: frequencies.count)
    else { throw .invalidDistribution }
    self.frequencies = frequencies
  }

  init(trusted frequencies: [UInt16]) { self.frequencies = frequencies }

  /// The number of symbols.
  public var symbolCount: Int { frequencies.count }

  /// The logarithm to base 2 of the sum of the frequencies: 12 for up to 1024 symbols, 14 above.
  public var totalBits: Int { Self.totalBits(symbolCount: symbolCount) }

  /// The sum of the frequencies.
  public var total: Int { 1 << totalBits }

  /// The probability of a symbol, its frequency over the total.
  ///
  /// - Parameter symbol: In 0..<``symbolCount``.
  /// - Returns: A positive number.
  public func probability(of symbol: Int) -> Double { Double(frequencies[symbol]) / Double(total) }

  /// The bits of an ideal code, −log₂ of the probability.
  ///
  /// - Parameter symbol: In 0..<``symbolCount``.
  /// - Returns: The bits, 0…14.
  public func information(of symbol: Int) -> Double { Double(totalBits) - Double.log2(Double(frequencies[symbol])) }

  /// The entropy H = −Σ p log₂ p in bits per symbol.
  public var entropy: Double {
    frequencies.indices.reduce(0) { $0 + probability(of: $1) * information(of: $1) }
  }

  /// The bits per symbol of an ideal code for this distribution when symbols follow another, −Σ qⱼ log₂ pⱼ.
  ///
  /// - Parameter probabilities: qⱼ, one per symbol.
  /// - Returns: The bits per symbol, at least the entropy of q.
  public func crossEntropy(under probabilities: [Double]) -> Double {
    precondition(probabilities.count == symbolCount, "One probability per symbol")
    return probabilities.indices.reduce(0) { $0 + probabilities[$1] * information(of: $1) }
  }

  static func totalBits(symbolCount: Int) -> Int { symbolCount <= 1024 ? 12 : 14 }

  static func total(symbolCount: Int) -> Int { 1 << totalBits(symbolCount: symbolCount) }

  /// Splits `total` into positive integers in proportion to `weights`, whose largest is 1.
  private static func apportioned(_ weights: [Double], total: Int) -> [UInt16] {
    var isLifted = [Bool](repeating: false, count: weights.count)
    var share = Double(total)
    var mass = 0.0
    var isStable = false
    // Lifting a symbol to 1 leaves less to the others, which may push another below 1; at most once per symbol.
    while !isStable {
      isStable = true
      mass = weights.indices.reduce(0) { isLifted[$1] ? $0 : $0 + weights[$1] }
      for index in weights.indices where !isLifted[index] && weights[index] * share < mass {
        isLifted[index] = true
        isStable = false
      }
      share = Double(total - isLifted.count { $0 })
    }
    let exact = weights.indices.map { isLifted[$0] ? 1 : weights[$0] * share / mass }
    var frequencies = exact.map { max(1, Int($0)) }
    let missing = total - frequencies.reduce(0, +)
    let byRemainder = exact.indices.sorted {
      let left = exact[$0] - Double(frequencies[$0])
      let right = exact[$1] - Double(frequencies[$1])
      return left != right ? left > right : $0 < $1
    }
    for index in byRemainder.prefix(max(0, missing)) { frequencies[index] += 1 }
    // Rounding upwards of the products could make the sum too large by a unit or so; the largest can spare it.
    for _ in 0..<max(0, -missing) {
      let largest = frequencies.indices.max { frequencies[$0] < frequencies[$1] } ?? 0
      frequencies[largest] -= 1
    }
    return frequencies.map { UInt16($0) }
  }
}
