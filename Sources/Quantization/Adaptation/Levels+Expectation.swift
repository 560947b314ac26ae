public import LaminaNumerics
import RealModule

extension Levels {
  /// Ψ, the expected variance of stochastic rounding to these levels, per coordinate of norm 1.
  ///
  /// Ψ = Σⱼ ∫ (ℓⱼ₊₁ − r)(r − ℓⱼ) dF (arXiv 2505.14371 and 2010.12460, the MQV objective): with F weighted by squared
  /// norms, E‖Q(v) − v‖² = d·Ψ·E‖v‖².
  ///
  /// - Parameter law: The law of magnitudes, under which signed levels must be symmetric; or that of signed coordinates.
  /// - Returns: The variance, from 0 to 1.
  public func expectedVariance<Law: BoundedDistribution>(under law: Law) -> Double {
    let (points, form) = expectationPoints(under: law)
    return VarianceObjective(law: law, form: form).variance(points)
  }

  /// The probability of each level, in the order of ``values``.
  ///
  /// pⱼ = ∫ (u − ℓⱼ₋₁)/(ℓⱼ − ℓⱼ₋₁) dF below ℓⱼ plus ∫ (ℓⱼ₊₁ − u)/(ℓⱼ₊₁ − ℓⱼ) dF above. For magnitudes they satisfy
  /// Σ pⱼℓⱼ = E u; they are what entropy codes are built from at every level update.
  ///
  /// - Parameter law: The law of magnitudes, under which signed levels must be symmetric; or that of signed coordinates.
  /// - Returns: As many probabilities as levels; they sum to 1.
  public func symbolProbabilities<Law: BoundedDistribution>(under law: Law) -> [Double] {
    let (points, form) = expectationPoints(under: law)
    let half = LevelProbabilities.of(points, under: law, form)
    switch form {
    case .signed, .withZero(isMirrored: false):
      guard areSigned || law.bounds.lowerBound >= 0 else {
        // Magnitudes of signed coordinates: the two signs of a level together.
        let zero = half.count / 2
        return [half[zero]] + (1...zero).map { half[zero - $0] + half[zero + $0] }
      }
      return half
    case .withZero(isMirrored: true):
      let outer = half.dropFirst().map { $0 / 2 }
      return outer.reversed() + [half[0]] + outer
    case .withoutZero:
      let outer = half.dropFirst().map { $0 / 2 }
      return outer.reversed() + outer
    }
  }

  /// The points and the form under a law; magnitudes under a signed law are mirrored.
  private func expectationPoints<Law: BoundedDistribution>(under law: Law) -> (points: [Double], form: LevelForm) {
    guard law.bounds.lowerBound >= 0 else {
      let positive = values.map(Double.init)
      return (areSigned ? positive : positive.dropFirst().reversed().map { -$0 } + positive, .signed)
    }
    precondition(!areSigned || areSymmetric, "Asymmetric levels need the law of signed coordinates")
    let form: LevelForm =
      areSigned ? (containZero ? .withZero(isMirrored: true) : .withoutZero) : .withZero(isMirrored: false)
    return (form.points(of: self), form)
  }
}

/// Probabilities of points.
private enum LevelProbabilities {
  static func of<Law: BoundedDistribution>(_ points: [Double], under law: Law, _ form: LevelForm) -> [Double] {
    let moments = VarianceObjective(law: law, form: form).moments(points)
    var result = [Double](repeating: 0, count: points.count)
    for j in 1..<points.count {
      let part = moments[j] - moments[j - 1]
      let width = points[j] - points[j - 1]
      let up = min(max((part.mean - points[j - 1] * part.mass) / width, 0), max(part.mass, 0))
      result[j] += up
      result[j - 1] += max(part.mass, 0) - up
    }
    guard form == .withoutZero else { return result }
    // The mass of the centre bin [−ℓ₁, ℓ₁] goes to ±ℓ₁ in parts that sum to all of it.
    result[1] += result[0]
    result[0] = 0
    return result
  }
}

/// The entropy of a probability distribution, −Σ p log₂ p.
///
/// - Parameter probabilities: Numbers of at least 0 that sum to 1.
/// - Returns: Bits per symbol.
public func entropyInBits(of probabilities: [Double]) -> Double {
  var sum = CompensatedSum()
  for p in probabilities where p > 0 { sum += -p * Double.log2(p) }
  return sum.value
}

/// The expected variance of several layer types together: the mean of each type's Ψ, weighted by the types' shares.
///
/// With shares proportional to the squared norms of the types times their dimension, this is the layer-wise MQV of
/// arXiv 2505.14371, which never exceeds that of one level sequence for all types.
///
/// - Parameters:
///   - variances: Ψ of each type.
///   - shares: The weight of each type, not negative; they need not sum to 1.
/// - Returns: The weighted mean, 0 if all shares are 0.
public func pooledVariance(_ variances: [Double], shares: [Double]) -> Double {
  precondition(variances.count == shares.count, "Every variance needs a share")
  let total = shares.reduce(0, +)
  return total > 0 ? zip(variances, shares).reduce(0) { $0 + $1.0 * $1.1 } / total : 0
}
