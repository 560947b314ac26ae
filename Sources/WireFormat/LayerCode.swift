public import EntropyCoding

/// The code of a layer type's symbols, with the table it needs.
public enum LayerCode: Hashable, Sendable {
  /// Fields of the least width that holds every level and the sign.
  case fixedWidth
  case eliasGamma
  case eliasDelta
  case eliasOmega
  case huffman(SymbolDistribution)
  case rans(SymbolDistribution)

  /// The code without its table.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    case fixedWidth = "fixed"
    case eliasGamma = "elias-gamma"
    case eliasDelta = "elias-delta"
    case eliasOmega = "elias-omega"
    case huffman
    case rans
  }

  /// The kind of this code.
  public var kind: Kind {
    switch self {
    case .fixedWidth: .fixedWidth
    case .eliasGamma: .eliasGamma
    case .eliasDelta: .eliasDelta
    case .eliasOmega: .eliasOmega
    case .huffman: .huffman
    case .rans: .rans
    }
  }

  /// The distribution that the code is made for, nil for universal codes.
  public var distribution: SymbolDistribution? {
    switch self {
    case .huffman(let distribution), .rans(let distribution): distribution
    case .fixedWidth, .eliasGamma, .eliasDelta, .eliasOmega: nil
    }
  }

  /// The code of `kind` for symbols with these probabilities.
  ///
  /// - Parameters:
  ///   - kind: The kind of code.
  ///   - probabilities: One for each symbol; a code with a table is made for them.
  public init(_ kind: Kind, probabilities: [Double]) {
    switch kind {
    case .fixedWidth: self = .fixedWidth
    case .eliasGamma: self = .eliasGamma
    case .eliasDelta: self = .eliasDelta
    case .eliasOmega: self = .eliasOmega
    case .huffman: self = .huffman(SymbolDistribution(probabilities: probabilities))
    case .rans: self = .rans(SymbolDistribution(probabilities: probabilities))
    }
  }
}
