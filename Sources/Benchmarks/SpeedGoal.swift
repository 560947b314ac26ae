import LaminaNumerics

/// The ratio to memcpy that an operation is to reach on one core.
package struct SpeedGoal: Hashable, Sendable, Codable {
  /// What it must reach.
  package var must: Double
  /// What it should reach, nil where nothing more is asked.
  package var aim: Double?

  /// In words, for a ratio.
  package func verdict(_ ratio: Double) -> String {
    if let aim, ratio >= aim { return "aim met" }
    return ratio < must ? "MISSED" : aim == nil ? "met" : "must met"
  }
}

/// The goals of Documentation/Benchmarking.md for the instruction sets of x86; other tiers have none yet.
enum SpeedGoals {
  enum Operation {
    case encodeUniform, encodeArbitrary, decodePacked, accumulatePacked
    case encodeRANS, decodeRANS, encodeDithered, accumulateDithered
  }

  /// The goal of an operation.
  ///
  /// - Parameters:
  ///   - operation: What is done.
  ///   - tier: On which instruction set.
  ///   - bits: Bits per coordinate; goals of levels hold for certain ones.
  /// - Returns: The goal, nil where there is none.
  static func goal(_ operation: Operation, tier: KernelTier, bits: Int? = nil) -> SpeedGoal? {
    switch operation {
    case .encodeUniform where bits.map { $0 < 4 } ?? false: nil
    // Arbitrary levels at 8 bits are asked for as piecewise linear ones.
    case .encodeArbitrary where bits.map { $0 != 4 && $0 != 5 } ?? false: nil
    default: goal(operation, tier)
    }
  }

  private static func goal(_ operation: Operation, _ tier: KernelTier) -> SpeedGoal? {
    switch tier {
    case .avx512, .avx512VBMI:
      switch operation {
      case .encodeUniform: SpeedGoal(must: 0.90, aim: 1.1)
      case .encodeArbitrary: SpeedGoal(must: 0.60, aim: 0.80)
      case .decodePacked: SpeedGoal(must: 0.90, aim: 1.15)
      case .accumulatePacked: SpeedGoal(must: 0.85, aim: 1.1)
      case .encodeRANS: SpeedGoal(must: 0.55, aim: 0.70)
      case .decodeRANS: SpeedGoal(must: 0.48, aim: 0.65)
      case .encodeDithered: SpeedGoal(must: 0.30, aim: 0.45)
      case .accumulateDithered: SpeedGoal(must: 0.28, aim: 0.42)
      }
    case .avx2:
      switch operation {
      case .encodeUniform: SpeedGoal(must: 0.70, aim: 0.85)
      case .encodeArbitrary: SpeedGoal(must: 0.30, aim: 0.40)
      case .decodePacked: SpeedGoal(must: 0.90, aim: 1.1)
      case .accumulatePacked: SpeedGoal(must: 0.85, aim: 1.0)
      case .encodeRANS: SpeedGoal(must: 0.16, aim: 0.25)
      case .decodeRANS: SpeedGoal(must: 0.33, aim: 0.42)
      case .encodeDithered: SpeedGoal(must: 0.13, aim: 0.20)
      case .accumulateDithered: SpeedGoal(must: 0.22, aim: 0.30)
      }
    case .portable:
      switch operation {
      case .encodeUniform: SpeedGoal(must: 0.25)
      case .encodeArbitrary: SpeedGoal(must: 0.06, aim: 0.10)
      case .decodePacked, .accumulatePacked: SpeedGoal(must: 0.50)
      case .encodeRANS: SpeedGoal(must: 0.07)
      case .decodeRANS: SpeedGoal(must: 0.10)
      case .encodeDithered: SpeedGoal(must: 0.06)
      case .accumulateDithered: SpeedGoal(must: 0.07)
      }
    case .neon: nil
    }
  }
}
