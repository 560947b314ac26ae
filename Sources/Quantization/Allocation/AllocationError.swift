/// Why a budget cannot be divided.
public enum AllocationError: Error, Hashable, Sendable {
  /// Nothing was observed of these layer types.
  case noObservations([LayerType])
  /// What travels exactly and the fixed overhead need as many bits per coordinate as there are, or more.
  case budgetTooSmall(bits: Double, least: Double)
  /// The statistics of these types do not know the squared norms, without which errors of types cannot be compared.
  case needsSquaredNorms([LayerType])
  /// The levels of a candidate cannot be fitted.
  case levels(LayerType, AdaptationError)
  /// No candidate of these types has the width of the default.
  case noDefault(width: Int, [LayerType])
}

extension AllocationError: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    switch self {
    case .noObservations(let types): "Nothing was observed of \(AllocationError.list(types))."
    case .budgetTooSmall(let bits, let least):
      "A budget of \(bits) bits per coordinate cannot be met: more than \(least) are needed at least."
    case .needsSquaredNorms(let types):
      "The statistics of \(AllocationError.list(types)) lack squared norms; use histograms weighted by squared norms."
    case .levels(let type, let error): "No levels for \(AllocationError.list([type])): \(error)"
    case .noDefault(let width, let types):
      "There is no candidate of \(width) bits for \(AllocationError.list(types))."
    }
  }

  private static func list(_ types: [LayerType]) -> String {
    (types.count == 1 ? "layer type " : "layer types ") + types.map { "'\($0)'" }.joined(separator: ", ")
  }
}
