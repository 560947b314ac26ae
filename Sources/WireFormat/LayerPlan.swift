public import Quantization

/// How the layers of one type travel.
public enum LayerPlan: Hashable, Sendable {
  /// As binary32 numbers.
  case exact
  /// Rounded to levels and coded.
  case levels(LevelQuantizer, LayerCode)

  /// The quantizer, nil where the layers travel exactly.
  public var quantizer: LevelQuantizer? {
    if case .levels(let quantizer, _) = self { quantizer } else { nil }
  }

  /// The code, nil where the layers travel exactly.
  public var code: LayerCode? {
    if case .levels(_, let code) = self { code } else { nil }
  }
}
