/// A number of bits per coordinate of a whole model, and what is spent before any layer is quantized.
public struct ModelBudget: Hashable, Sendable {
  /// Bits per coordinate, everything included, over quantized and exact coordinates alike.
  public var bitsPerCoordinate: Double
  /// How many coordinates travel exactly, at 32 bits each.
  public var exactCoordinates: Int
  /// The bits of everything else in a message: headers, tables, norms, checksums.
  public var overheadBits: Double

  /// A budget.
  ///
  /// - Parameters:
  ///   - bitsPerCoordinate: Positive and finite.
  ///   - exactCoordinates: How many coordinates travel exactly.
  ///   - overheadBits: Bits of a message that do not depend on the choice.
  public init(bitsPerCoordinate: Double, exactCoordinates: Int = 0, overheadBits: Double = 0) {
    precondition(bitsPerCoordinate > 0 && bitsPerCoordinate.isFinite, "A budget is positive and finite")
    precondition(exactCoordinates >= 0, "The number of exact coordinates is not negative")
    precondition(overheadBits >= 0 && overheadBits.isFinite, "The overhead is finite and not negative")
    self.bitsPerCoordinate = bitsPerCoordinate
    self.exactCoordinates = exactCoordinates
    self.overheadBits = overheadBits
  }

  /// The bits that are spent whatever is chosen.
  public var fixedBits: Double { 32 * Double(exactCoordinates) + overheadBits }

  /// The bits left for `coordinates` quantized coordinates; negative where the fixed bits exceed the budget.
  ///
  /// - Parameter coordinates: The number of coordinates that are quantized.
  /// - Returns: Bits in all.
  public func bits(forQuantized coordinates: Int) -> Double {
    bitsPerCoordinate * Double(coordinates + exactCoordinates) - fixedBits
  }

  /// The budget at which `coordinates` quantized coordinates have `bits` in all, in bits per coordinate of the model.
  func rate(ofQuantized coordinates: Int, bits: Double) -> Double {
    (bits + fixedBits) / Double(max(1, coordinates + exactCoordinates))
  }
}
