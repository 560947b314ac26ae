import EntropyCoding
import Quantization

/// The code of one layer type with its tables built, chosen once per layer and never per symbol.
struct SymbolCoder: Sendable {
  private enum Stream: Sendable {
    case packed(VerticalPacking)
    case fixedWidth(FixedWidth)
    case eliasGamma(EliasGamma)
    case eliasDelta(EliasDelta)
    case eliasOmega(EliasOmega)
    case huffman(HuffmanCode)
    case rans(RANSCode)
  }

  private let stream: Stream
  /// The number of levels of the type.
  let levelCount: Int
  /// The number of the type's first symbol.
  let base: Int
  /// Whether signs travel apart from the indices.
  let hasSigns: Bool

  init(levels: Levels, code: LayerCode, base: Int, alphabetSize: Int, coding: CodingProtocol) {
    levelCount = levels.count
    self.base = base
    hasSigns = !levels.areSigned
    stream =
      switch code {
      case .fixedWidth where coding == .main:
        .packed(VerticalPacking(width: levels.fieldWidth, hasSign: !levels.areSigned))
      case .fixedWidth:
        .fixedWidth(FixedWidth(width: max(1, Int.bitWidth - (alphabetSize - 1).leadingZeroBitCount)))
      case .eliasGamma: .eliasGamma(EliasGamma())
      case .eliasDelta: .eliasDelta(EliasDelta())
      case .eliasOmega: .eliasOmega(EliasOmega())
      case .huffman(let distribution): .huffman(HuffmanCode(distribution))
      case .rans(let distribution): .rans(RANSCode(distribution))
      }
  }

  /// The layout of fixed-width fields, nil for codes of variable length, whose streams follow their length.
  var packing: VerticalPacking? {
    if case .packed(let packing) = stream { packing } else { nil }
  }

  func encode(_ indices: Span<UInt8>, to bits: inout BitWriter) {
    switch stream {
    case .packed: preconditionFailure("Packed fields are not a bit stream")
    case .fixedWidth(let code): code.encode(indices, base: base, to: &bits)
    case .eliasGamma(let code): code.encode(indices, base: base, to: &bits)
    case .eliasDelta(let code): code.encode(indices, base: base, to: &bits)
    case .eliasOmega(let code): code.encode(indices, base: base, to: &bits)
    case .huffman(let code): code.encode(indices, base: base, to: &bits)
    case .rans(let code): code.encode(indices, base: base, to: &bits)
    }
  }

  func decode(into indices: inout MutableSpan<UInt8>, from bits: inout BitReader) throws(DecodingError) {
    switch stream {
    case .packed: preconditionFailure("Packed fields are not a bit stream")
    case .fixedWidth(let code): try code.decode(into: &indices, alphabet: levelCount, base: base, from: &bits)
    case .eliasGamma(let code): try code.decode(into: &indices, alphabet: levelCount, base: base, from: &bits)
    case .eliasDelta(let code): try code.decode(into: &indices, alphabet: levelCount, base: base, from: &bits)
    case .eliasOmega(let code): try code.decode(into: &indices, alphabet: levelCount, base: base, from: &bits)
    case .huffman(let code): try code.decode(into: &indices, alphabet: levelCount, base: base, from: &bits)
    case .rans(let code): try code.decode(into: &indices, alphabet: levelCount, base: base, from: &bits)
    }
  }

  /// The bits of one level index, without its sign.
  func cost(of index: Int) -> Double {
    switch stream {
    case .packed(let packing): Double(packing.width) - (hasSigns ? 1 : 0)
    case .fixedWidth(let code): code.cost(of: base + index)
    case .eliasGamma(let code): code.cost(of: base + index)
    case .eliasDelta(let code): code.cost(of: base + index)
    case .eliasOmega(let code): code.cost(of: base + index)
    case .huffman(let code): code.cost(of: base + index)
    case .rans(let code): code.cost(of: base + index)
    }
  }
}
