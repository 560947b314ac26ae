import ArgumentParser
import Experiments
import Quantization

extension NetworkSpec.Architecture: ExpressibleByArgument {}
extension SolverSpec.Kind: ExpressibleByArgument {}
extension EstimateModel: ExpressibleByArgument {}
extension QuantizerKind: ExpressibleByArgument {}

extension SolverSpec.StepRule: ExpressibleByArgument {
  /// `adaptive`, `separated` or `constant:C`.
  public init?(argument: String) {
    let text = ArgumentText(argument)
    switch text.name {
    case "adaptive" where text.values.isEmpty: self = .adaptive
    case "separated" where text.values.isEmpty: self = .separated
    case "constant":
      guard text.values.count == 1, let step = Double(text.values[0]), step > 0, step.isFinite else { return nil }
      self = .constant(step)
    default: return nil
    }
  }

  public var defaultValueDescription: String {
    switch self {
    case .adaptive: "adaptive"
    case .separated: "separated"
    case .constant(let step): "constant:\(step)"
    }
  }
}
