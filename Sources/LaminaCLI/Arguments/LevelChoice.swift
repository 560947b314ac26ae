import ArgumentParser
import Quantization
import WireFormat

/// A level sequence as it is written on the command line, with the method that adapts it.
struct LevelChoice: Hashable {
  /// The levels, nil for numbers that travel otherwise.
  let levels: Levels?
  /// The method that the choice names, nil for fixed families, which may still be adapted on request.
  let method: AdaptationMethod?
  /// The bits per coordinate that dithered numbers may take, nil for numbers that are not dithered.
  let budget: Double?
  /// The bits of rotated numbers, nil for numbers that are not rotated.
  let rotatedBits: Int?

  /// The grammar, for help texts.
  static let grammar = """
    none (binary32), uniform:N (N levels from 0 to 1), exponential:P,S (0, P^S, …, P, 1), ternary (0 and 1), \
    levels:0,…,1 (any, from -1 if signed), or METHOD:S with S levels between 0 and 1 that are adapted by alq, alq-gd, \
    amq, amq-zero, optimal or lloyd; or dithered:B (uniform steps with dither, entropy coded, B bits per coordinate); \
    or eden:B (random rotations and 2^B centroids, in fields of B bits)
    """

  /// The grammar as a table, for the help of commands.
  static let help = """
      none             binary32
      uniform:N        N levels from 0 to 1
      exponential:P,S  0, P^S, …, P, 1
      ternary          0 and 1
      levels:0,…,1     any, increasing; from -1 if signed
      METHOD:S         S levels between 0 and 1 that are adapted by alq, alq-gd,
                       amq, amq-zero, optimal or lloyd
      dithered:B       uniform steps with dither, entropy coded, at B bits per
                       coordinate
      eden:B           random rotations of 4096 coordinates and 2^B centroids, in
                       fields of B bits
    """

  /// Reads `text`.
  ///
  /// - Throws: A `ValidationError` that says what is wrong with it.
  init(parsing text: String) throws(ValidationError) {
    let argument = ArgumentText(text)
    if let method = AdaptationMethod(rawValue: argument.name), method != .fixed {
      let interior = try argument.integer(in: 0...126, usage: "\(argument.name):S, S levels between 0 and 1,")
      self.init(levels: method.startingLevels(interiorCount: interior), method: method)
      return
    }
    switch argument.name {
    case "none", "exact": self.init(levels: nil, method: nil)
    case "dithered":
      let bits = try argument.numbers(1...1, usage: "dithered:B")[0]
      guard (0.5...16).contains(bits) else { throw ValidationError("B of dithered:B is 0.5 to 16, not \(bits)") }
      self.init(levels: nil, method: nil, budget: bits)
    case "eden":
      let bits = try argument.integer(in: 1...8, usage: "eden:B, B bits per coordinate,")
      self.init(levels: nil, method: nil, rotatedBits: bits)
    case "ternary": self.init(levels: .ternary, method: nil)
    case "uniform":
      let count = try argument.integer(in: 2...128, usage: "uniform:N, N levels with both ends,")
      self.init(levels: .uniform(intervals: count - 1), method: nil)
    case "exponential":
      self.init(levels: try Self.exponential(argument), method: nil)
    case "levels":
      let values = try argument.numbers(2...256, usage: "levels:0,…,1")
      do {
        self.init(levels: try Levels(values.map { Float($0) }), method: nil)
      } catch {
        throw ValidationError(error.description)
      }
    default: throw ValidationError("unknown levels '\(text)'; expected \(Self.grammar)")
    }
  }

  init(levels: Levels?, method: AdaptationMethod?, budget: Double? = nil, rotatedBits: Int? = nil) {
    self.levels = levels
    self.method = method
    self.budget = budget
    self.rotatedBits = rotatedBits
  }

  /// How numbers without levels travel.
  var planWithoutLevels: LayerPlan {
    if let budget { return .dithered(.gaussian(bits: budget)) }
    return rotatedBits.map { .rotated(EDENQuantizer(bits: $0)) } ?? .exact
  }

  /// `exponential:P,S`.
  private static func exponential(_ argument: ArgumentText) throws(ValidationError) -> Levels {
    let numbers = try argument.numbers(2...2, usage: "exponential:P,S")
    guard let count = Int(exactly: numbers[1]) else { throw ValidationError("S of exponential:P,S is a whole number") }
    return try exponential(multiplier: numbers[0], interiorCount: count)
  }

  /// 0, pˢ, …, p, 1.
  static func exponential(multiplier: Double, interiorCount: Int) throws(ValidationError) -> Levels {
    guard (0...126).contains(interiorCount) else {
      throw ValidationError("exponential levels have 0 to 126 interior levels, not \(interiorCount)")
    }
    guard multiplier > 0, Float(multiplier) < 1 else {
      throw ValidationError("the multiplier of exponential levels lies strictly between 0 and 1, not \(multiplier)")
    }
    var smallest: Float = 1
    for _ in 0..<interiorCount { smallest *= Float(multiplier) }
    guard smallest >= .leastNormalMagnitude else {
      throw ValidationError("the smallest of these exponential levels is too small for binary32")
    }
    return .exponential(multiplier: Float(multiplier), interiorCount: interiorCount)
  }
}
