import RealModule

// q = ⌊v/Δ + u + ½⌋ with u uniform on [−½, ½) has P(q) = E max(0, 1 − |v/Δ − q|), the second difference of the integral
// of F over Δ (Ziv 1985; Zamir and Feder 1992). For symmetric v and q ≥ 1, P(Q ≥ q) = (T((q − 1)Δ) − T(qΔ))/2Δ with
// T(t) = E max(0, |v| − t).

extension MagnitudeLaw {
  /// P(Q ≥ q) = P(Q ≤ −q) of dithered symbols, for q of at least 1.
  func tail(from q: Double, step: Double) -> Double {
    max(0, excess(above: (q - 1) * step) - excess(above: q * step)) / (2 * step)
  }

  /// The probability that a dithered symbol lies in a range.
  ///
  /// - Parameters:
  ///   - range: Symbols q.
  ///   - step: Δ, positive and finite.
  /// - Returns: A number from 0 to 1.
  public func probability(of range: Range<Int>, step: Double) -> Double {
    let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
    guard low < high else { return 0 }
    if low >= 1 { return max(0, tail(from: low, step: step) - tail(from: high, step: step)) }
    if high <= 0 { return max(0, tail(from: 1 - high, step: step) - tail(from: 1 - low, step: step)) }
    return max(0, 1 - tail(from: high, step: step) - tail(from: 1 - low, step: step))
  }

  /// The probabilities of an alphabet −Q…Q of dithered symbols, or of their high parts.
  ///
  /// With r low bits a symbol is q = 2ʳh + l, 0 ≤ l < 2ʳ, of which h is coded and l travels raw. What is missing from a
  /// sum of 1 is the probability of an escape. Symbols beyond the largest coordinate observed have probability 0; a
  /// coder gives them at least its least frequency.
  ///
  /// - Parameters:
  ///   - step: Δ, positive and finite.
  ///   - largest: Q, the largest magnitude in the alphabet, at least 0.
  ///   - lowBits: r, from 0 to 24.
  /// - Returns: The probabilities of h = −Q, …, Q.
  public func symbolProbabilities(step: Double, largest: Int, lowBits: Int = 0) -> [Double] {
    precondition(step > 0 && step.isFinite, "A step is positive and finite, not \(step)")
    precondition(0...0xFFFF ~= largest, "An alphabet reaches from 0 to ±65535, not to \(largest)")
    precondition(0...24 ~= lowBits, "0 to 24 low bits travel raw, not \(lowBits)")
    return (-largest...largest).map { probability(of: ($0 << lowBits)..<(($0 + 1) << lowBits), step: step) }
  }

  /// H(q), the entropy of dithered symbols under one static table: bits per coordinate without signs or norms apart.
  ///
  /// Exact for this law at every step. Where all that a symbol can come from lies in one uniform piece, P(q) is Δ times
  /// the density, so that whole runs of symbols are added at once and fine steps cost no more than coarse ones. Coding
  /// the high part and sending r low bits raw costs under .01 bit more as long as 2ʳΔ is at most a quarter of the rms.
  ///
  /// *Complexity:* O(k log k) for k bins that are not empty.
  ///
  /// - Parameter step: Δ, positive and finite.
  /// - Returns: Bits per coordinate; 0 if all coordinates are zero.
  public func entropyBits(step: Double) -> Double {
    precondition(step > 0 && step.isFinite, "A step is positive and finite, not \(step)")
    var sum = surprise(1 - 2 * tail(from: 1, step: step))
    var (q, index) = (1.0, 0)
    var tailHere = tail(from: 1, step: step)
    while true {
      while index + 1 < knots.count, knots[index + 1].place <= (q - 1) * step { index += 1 }
      guard index + 1 < knots.count else { return sum }
      let (low, high) = (knots[index], knots[index + 1])
      let run = (high.place / step).rounded(.down) - q
      guard q + max(run, 0) < 0x1p40 else { return sum + fineBits(above: (q - 1) * step, from: index, step: step) }
      if run >= 1 {
        sum += 2 * run * surprise((low.survival - high.survival) / (high.place - low.place) * (step / 2))
        q += run
        tailHere = tail(from: q, step: step)
      } else {
        let next = tail(from: q + 1, step: step)
        sum += 2 * surprise(max(0, tailHere - next))
        (q, tailHere) = (q + 1, next)
      }
    }
  }

  /// Entropy terms of the magnitudes above `t` where steps are finer than all distances of knots: h − log₂Δ.
  private func fineBits(above t: Double, from first: Int, step: Double) -> Double {
    var sum = 0.0
    for (low, high) in zip(knots[first...], knots[(first + 1)...]) {
      let width = high.place - low.place
      let mass = low.survival - high.survival
      guard width > 0 else {
        // All of one place has one symbol and two signs.
        sum += 2 * surprise(mass / 2)
        continue
      }
      guard mass > 0 else { continue }
      let part = min(1, (high.place - t) / width)
      sum -= mass * part * Double.log2(mass / width * (step / 2))
    }
    return sum
  }

  /// The step at which dithered symbols have an entropy of `bits`.
  ///
  /// Found by interpolation in the logarithm of Δ. Where the entropy is not monotone in Δ (it falls with Δ, but for
  /// ripples on laws with few distinct magnitudes), some step is returned at which it crosses `bits`.
  ///
  /// *Law:* `entropyBits(step: step(bits: b)) ≤ b`.
  ///
  /// - Parameter bits: Bits per coordinate, positive.
  /// - Returns: Δ, at least 2⁻²⁴ of the mean magnitude of the nonzero coordinates, below which the rounding of binary32
  ///   exceeds the error of the quantizer; nil if all coordinates are zero.
  public func step(bits: Double) -> Double? {
    precondition(bits > 0, "A rate is positive, not \(bits)")
    return leastStep.map { least in
      StepSearch(least: least).step(of: bits, near: highRateStep(bits: bits)) { entropyBits(step: $0) }
    }
  }

  /// The finest step worth taking, 2⁻²⁴ of the mean magnitude of the nonzero coordinates.
  var leastStep: Double? {
    guard let first = knots.first, first.survival > 0, first.excess > 0 else { return nil }
    return first.excess / first.survival * 0x1p-24
  }

  /// The step of a rate if the law were normal and the rate high; it is not far off for others.
  func highRateStep(bits: Double) -> Double {
    (2 * Double.pi * Double.exp(1) * meanSquare).squareRoot() * Double.exp2(-bits)
  }

  private func surprise(_ p: Double) -> Double { p > 0 ? -p * Double.log2(p) : 0 }
}
