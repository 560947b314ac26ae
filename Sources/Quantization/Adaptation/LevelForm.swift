/// Which numbers of a level sequence are free, and what the rest follows from.
///
/// Solvers work on *points*: the levels of the half that is free, ends included. What is optimised is exactly the set that
/// is sent; in particular levels without a zero have the centre bin [−ℓ₁, ℓ₁], whose variance is ℓ₁² − r².
package enum LevelForm: Hashable {
  /// 0 = ℓ₀ < … < 1, on magnitudes; if mirrored, the levels sent are signed and contain 0.
  case withZero(isMirrored: Bool)
  /// ±ℓ₁, …, ±1, on magnitudes; the points are −ℓ₁, ℓ₁, …, 1.
  case withoutZero
  /// −1 = ℓ₀ < … < 1, free on both sides, on signed coordinates.
  case signed

  /// The form of `levels` under a law of magnitudes or of signed coordinates.
  package init(_ levels: Levels, lawIsSigned: Bool) throws(AdaptationError) {
    guard levels.areSigned else {
      precondition(!lawIsSigned, "Levels for magnitudes are fitted to a law of magnitudes")
      self = .withZero(isMirrored: false)
      return
    }
    if lawIsSigned {
      self = .signed
    } else {
      guard levels.areSymmetric else { throw .needsSignedStatistics }
      self = levels.containZero ? .withZero(isMirrored: true) : .withoutZero
    }
  }

  /// The points of levels of this form.
  package func points(of levels: Levels) -> [Double] {
    switch self {
    case .withZero(let isMirrored):
      let values = isMirrored ? Array(levels.values[(levels.count / 2)...]) : levels.values
      return values.map(Double.init)
    case .withoutZero:
      let values = levels.values[(levels.count / 2)...].map(Double.init)
      return [-values[0]] + values
    case .signed: return levels.values.map(Double.init)
    }
  }

  /// The levels of increasing points: rounded to `Float`, and as far apart as levels must be.
  package func levels(from points: [Double]) -> Levels {
    var values = points.map(Float.init)
    let last = values.count - 1
    values[0] = self == .signed ? -1 : 0
    values[last] = 1
    for index in stride(from: 1, to: last, by: 1) {
      values[index] = max(values[index], Levels.next(above: values[index - 1]))
    }
    for index in stride(from: last - 1, to: 0, by: -1) {
      values[index] = min(values[index], Levels.next(below: values[index + 1]))
    }
    switch self {
    case .withZero(isMirrored: false), .signed: return Levels(trusted: values)
    case .withZero(isMirrored: true): return Levels(trusted: values.dropFirst().reversed().map { -$0 } + values)
    case .withoutZero: return Levels(trusted: values).mirroredWithoutZero()
    }
  }
}

extension Levels {
  /// Whether −ℓ is a level for every level ℓ.
  public var areSymmetric: Bool { zip(values, values.reversed()).allSatisfy { $0 == -$1 } }

  /// What statistics must keep so that levels of this form can be fitted to them.
  package var coordinateSupport: CoordinateSupport { areSigned && !areSymmetric ? .signed : .magnitudes }
}
