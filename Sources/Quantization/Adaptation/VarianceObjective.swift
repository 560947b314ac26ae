import LaminaNumerics

/// The expected variance Ψ of stochastic rounding as a function of the points of a level form.
///
/// Ψ = Σⱼ ∫ (ℓⱼ₊₁ − r)(r − ℓⱼ) dF over the bins. Since every r lies in one bin, the −r² of all bins add up to −E r², and
/// Ψ needs masses and first moments only.
package struct VarianceObjective<Law: BoundedDistribution> {
  package let law: Law
  package let form: LevelForm

  /// The levels' form under the law.
  package init(_ levels: Levels, law: Law) throws(AdaptationError) {
    self.law = law
    form = try LevelForm(levels, lawIsSigned: law.bounds.lowerBound < 0)
  }

  package init(law: Law, form: LevelForm) {
    self.law = law
    self.form = form
  }

  /// The moments through each point; the first bin takes in what lies on its lower end.
  package func moments(_ points: [Double]) -> [PartialMoments] {
    [PartialMoments(mass: 0, mean: 0)] + points.dropFirst().map(law.moments(through:))
  }

  /// Ψ.
  package func variance(_ points: [Double]) -> Double { variance(points, moments(points)) }

  package func variance(_ points: [Double], _ moments: [PartialMoments]) -> Double {
    var sum = CompensatedSum(-law.secondMoment)
    for j in 1..<points.count {
      let part = moments[j] - moments[j - 1]
      sum += (points[j - 1] + points[j]) * part.mean - points[j - 1] * points[j] * part.mass
    }
    return max(0, sum.value)
  }

  /// ∂Ψ/∂ℓⱼ for the free points 1 ..< count − 1.
  package func gradient(_ points: [Double], _ moments: [PartialMoments]) -> [Double] {
    (1..<points.count - 1).map { j in
      let (below, above) = (moments[j] - moments[j - 1], moments[j + 1] - moments[j])
      let pull = points[j + 1] * above.mass - above.mean
      return (isReflected(j) ? 2 * points[j] * below.mass : below.mean - points[j - 1] * below.mass) - pull
    }
  }

  /// The exact minimiser of Ψ in point `j` alone (arXiv 2010.12460, equation 8), or nil where there is no better place
  /// strictly between the neighbours than the present one.
  package func coordinateMinimum(_ j: Int, _ points: [Double], _ moments: [PartialMoments]) -> Double? {
    let (a, b) = (isReflected(j) ? 0 : points[j - 1], points[j + 1])
    let part = moments[j + 1] - moments[j - 1]
    guard part.mass > 0 else { return nil }
    let candidate =
      isReflected(j)
      ? reflectedMinimum(below: b, moments[j + 1])
      : law.quantile(moments[j + 1].mass - (part.mean - a * part.mass) / (b - a), in: a...b)
    return a < candidate && candidate < b ? candidate : nil
  }

  /// The zero of 2ℓ₁F(ℓ₁) − ∫(ℓ₂ − r)dF over the bin above ℓ₁, which increases with ℓ₁.
  private func reflectedMinimum(below b: Double, _ end: PartialMoments) -> Double {
    increasingRoot(in: 0...b) { u in
      let inner = law.moments(through: u)
      let above = end - inner
      return (2 * u * inner.mass - (b * above.mass - above.mean), 2 * inner.mass + (u + b) * law.density(at: u))
    }
  }

  /// The second derivatives: the diagonal of the free points, and the entries beside it.
  package func hessian(_ points: [Double], _ moments: [PartialMoments]) -> (diagonal: [Double], beside: [Double]) {
    let diagonal = (1..<points.count - 1).map { j in
      (points[j + 1] - points[j - 1]) * law.density(at: points[j]) + (isReflected(j) ? 2 * moments[j].mass : 0)
    }
    let beside = stride(from: 1, to: points.count - 2, by: 1).map { moments[$0].mass - moments[$0 + 1].mass }
    return (diagonal, beside)
  }

  /// Whether point `j` is ℓ₁ of levels without zero, whose lower neighbour −ℓ₁ moves with it.
  package func isReflected(_ j: Int) -> Bool { j == 1 && form == .withoutZero }
}
