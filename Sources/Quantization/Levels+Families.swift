extension Levels {
  /// Equally spaced magnitudes 0, 1/s, …, 1: QSGD with the ℓ2 norm, QSGD-inf with the maximum norm.
  ///
  /// - Parameter intervals: s, from 1 to 127.
  /// - Returns: s + 1 magnitudes.
  public static func uniform(intervals: Int) -> Levels {
    precondition((1...127).contains(intervals), "Uniform levels have 1 to 127 intervals, not \(intervals)")
    return Levels(trusted: (0...intervals).map { Float($0) / Float(intervals) })
  }

  /// The magnitudes 0, pˢ, …, p², p, 1: NUQSGD for p = ½, the family that AMQ searches.
  ///
  /// Powers that would be closer than the ``smallestGap`` are moved apart to it.
  ///
  /// - Parameters:
  ///   - multiplier: p, strictly between 0 and 1, such that pˢ is still a normal number.
  ///   - interiorCount: s, from 0 to 126.
  /// - Returns: s + 2 magnitudes.
  public static func exponential(multiplier: Float, interiorCount: Int) -> Levels {
    precondition(0 < multiplier && multiplier < 1, "The multiplier lies strictly between 0 and 1, not \(multiplier)")
    precondition((0...126).contains(interiorCount), "0 to 126 interior levels, not \(interiorCount)")
    var powers: [Float] = [1]
    for _ in 0..<interiorCount { powers.append(powers[powers.count - 1] * multiplier) }
    precondition(powers[interiorCount] >= .leastNormalMagnitude, "The smallest level underflows")
    var values = [0] + powers.reversed()
    for index in 1..<values.count { values[index] = max(values[index], next(above: values[index - 1])) }
    return Levels(trusted: values)
  }

  /// The magnitudes 0 and 1: TernGrad.
  public static let ternary = Levels(trusted: [0, 1])
}
