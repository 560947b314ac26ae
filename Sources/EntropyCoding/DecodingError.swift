/// Why bytes are not the code of any symbols.
public enum DecodingError: Error, Hashable, Sendable {
  /// The bits end inside a codeword, a number or a table.
  case truncated
  /// The next bits begin no codeword of this code.
  case invalidCodeword
  /// A codeword stands for a symbol outside the alphabet that is expected here.
  case symbolOutOfRange
  /// The rANS lanes do not end in the state in which every encoder starts.
  case inconsistentState
  /// The bits that fill the last byte are not all zero.
  case nonzeroPadding
  /// Bits are left over after the last symbol.
  case trailingBits(count: Int)
  /// The frequencies do not sum to the power of two that their number calls for.
  case invalidDistribution
  /// The code lengths do not belong to a complete prefix code.
  case incompleteCode
}

extension DecodingError: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    switch self {
    case .truncated: "The bits end before the last symbol is complete."
    case .invalidCodeword: "The bits begin no codeword of this code."
    case .symbolOutOfRange: "A codeword stands for a symbol outside the expected alphabet."
    case .inconsistentState: "The rANS lanes do not return to their initial state, so the bytes are corrupt."
    case .nonzeroPadding: "The padding bits of the last byte are not zero."
    case .trailingBits(let count): "\(count) bits are left over after the last symbol."
    case .invalidDistribution: "The symbol frequencies do not sum to the required power of two."
    case .incompleteCode: "The code lengths do not form a complete prefix code."
    }
  }
}
