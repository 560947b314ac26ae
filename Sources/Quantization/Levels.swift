/// Strictly increasing quantization levels that end at 1.
///
/// Two supports exist. *Magnitudes* start at 0: they quantize |v|/‖v‖, and the sign of a coordinate travels apart.
/// *Signed* levels start at −1 and quantize v/‖v‖ itself; the form without a zero level, which uses every codeword of
/// a fixed-width field, is signed and symmetric (see ``mirroredWithoutZero()``).
///
/// The levels ℓ₀ < ℓ₁ < … < ℓ_{α+1} of a layer type, arXiv 2505.14371, section 3.
public struct Levels: Hashable, Sendable {
  /// The levels in increasing order: 2…128 magnitudes, or 2…256 signed levels.
  public let values: [Float]

  /// The least distance of two levels, 2⁻¹²⁵: below it a draw times the distance could round to the distance.
  public static let smallestGap: Float = 0x1p-125

  /// Checks and adopts `values`.
  ///
  /// - Throws: ``LevelsError`` when there are too few or too many, the ends are wrong, or a level is not above the one
  ///   before it by at least ``smallestGap`` (a NaN never is).
  public init(_ values: [Float]) throws(LevelsError) {
    guard values.count >= 2 else { throw .tooFew(count: values.count) }
    guard values[0] == 0 || values[0] == -1, values[values.count - 1] == 1 else {
      throw .wrongEnds(first: values[0], last: values[values.count - 1])
    }
    let limit = values[0] < 0 ? 256 : 128
    guard values.count <= limit else { throw .tooMany(count: values.count, limit: limit) }
    for index in 1..<values.count where !(values[index] - values[index - 1] >= Self.smallestGap) {
      throw .notIncreasing(index: index)
    }
    self.init(trusted: values)
  }

  /// Adopts values that are level sequences by construction.
  init(trusted values: [Float]) {
    // A zero has one form, so that equal levels have equal bytes.
    self.values = values.map { $0 == 0 ? 0 : $0 }
  }

  /// The least number that can be the level above `level`.
  static func next(above level: Float) -> Float { max(level.nextUp, level + smallestGap) }

  /// The largest number that can be the level below `level`.
  static func next(below level: Float) -> Float { min(level.nextDown, level - smallestGap) }

  /// The number of levels, ends included.
  public var count: Int { values.count }

  /// The number of levels strictly between the ends, α in the papers.
  public var interiorCount: Int { values.count - 2 }

  /// Whether the levels start at −1, so that no separate sign is sent.
  public var areSigned: Bool { values[0] < 0 }

  /// Whether 0 is a level.
  public var containZero: Bool { values.contains(0) }

  /// The width of a fixed-width field for one coordinate, the sign included, in bits.
  public var fieldWidth: Int {
    let index = Int.bitWidth - (values.count - 1).leadingZeroBitCount
    return areSigned ? index : index + 1
  }

  /// These magnitudes without 0, mirrored: −1, …, −ℓ₁, ℓ₁, …, 1.
  ///
  /// - Precondition: The levels are magnitudes.
  public func mirroredWithoutZero() -> Levels {
    precondition(!areSigned, "Only magnitudes can be mirrored")
    let positive = values.dropFirst()
    return Levels(trusted: positive.reversed().map { -$0 } + positive)
  }
}

/// Why a list of numbers is not a level sequence.
public enum LevelsError: Error, Hashable, Sendable {
  /// Fewer than two levels.
  case tooFew(count: Int)
  /// More levels than a symbol of one byte can name.
  case tooMany(count: Int, limit: Int)
  /// The first level is neither 0 nor −1, or the last is not 1.
  case wrongEnds(first: Float, last: Float)
  /// The level at `index` is not above the one before it.
  case notIncreasing(index: Int)
}

extension LevelsError: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    switch self {
    case .tooFew(let count): "A level sequence needs at least 2 levels, found \(count)."
    case .tooMany(let count, let limit): "A level sequence holds at most \(limit) levels, found \(count)."
    case .wrongEnds(let first, let last):
      "Levels run from 0 (or −1, if signed) to 1, found \(first) to \(last)."
    case .notIncreasing(let index): "Levels must increase strictly; level \(index) is not above level \(index - 1)."
    }
  }
}
