public import Quantization

/// How the layers of one type travel.
public enum LayerPlan: Hashable, Sendable {
  /// As binary32 numbers.
  case exact
  /// Rounded to levels and coded.
  case levels(LevelQuantizer, LayerCode)
  /// Dithered, and coded by tables that travel with every frame.
  case dithered(DitheredQuantizer)
  /// Rotated block by block and rounded to normal centroids, in fields of fixed width.
  case rotated(EDENQuantizer)

  /// The level quantizer, nil where there are no levels.
  public var quantizer: LevelQuantizer? {
    if case .levels(let quantizer, _) = self { quantizer } else { nil }
  }

  /// The dithered quantizer, nil where the layers travel otherwise.
  public var ditheredQuantizer: DitheredQuantizer? {
    if case .dithered(let quantizer) = self { quantizer } else { nil }
  }

  /// The quantizer of rotated blocks, nil where the layers travel otherwise.
  public var rotatedQuantizer: EDENQuantizer? {
    if case .rotated(let quantizer) = self { quantizer } else { nil }
  }

  /// The code of the levels, nil where there are none.
  public var code: LayerCode? {
    if case .levels(_, let code) = self { code } else { nil }
  }
}
