/// Rules that give a parameter its layer type by its name; the first that matches decides.
///
/// A pattern is matched against the whole lower-cased name; `*` stands for any characters, none included.
///
/// ```swift
/// let rules = LayerRules([.init("*.head.*", .init(rawValue: "head"))]) + .standard
/// let map = try LayerMap(parameters: [("net.head.weight", 640), ("net.head.bias", 10)], rules: rules)
/// ```
public struct LayerRules: Hashable, Sendable {
  /// One pattern and the type it assigns.
  public struct Rule: Hashable, Sendable {
    /// The pattern, in lower case.
    public let pattern: String
    /// The type of the parameters that match.
    public let type: LayerType

    /// A rule.
    public init(_ pattern: String, _ type: LayerType) {
      self.pattern = pattern.lowercased()
      self.type = type
    }
  }

  /// The rules in order of precedence.
  public let rules: [Rule]

  /// Rules in order of precedence.
  public init(_ rules: [Rule]) { self.rules = rules }

  /// The type of a parameter, nil where no rule matches.
  public func type(of name: String) -> LayerType? {
    let letters = Array(name.lowercased().utf8)
    return rules.first { matches(letters[...], pattern: Array($0.pattern.utf8)[...]) }?.type
  }

  /// Both sets of rules, the left ones first.
  public static func + (left: LayerRules, right: LayerRules) -> LayerRules { LayerRules(left.rules + right.rules) }

  /// Rules for the names that networks usually have.
  ///
  /// Biases first, then normalisation layers, embeddings, attention, recurrent layers, transposed convolutions,
  /// convolutions, and linear layers.
  public static let standard = LayerRules(
    [
      (["*bias", "*.bias_*"], LayerType.bias),
      (["*norm*", "*.bn*", "bn*", "*_bn*", "*.ln_*", "*.ln*.weight", "ln_*"], .normalisation),
      (["*embed*", "*.wte.*", "*.wpe.*", "wte.*", "wpe.*"], .embedding),
      (["*attn*", "*attention*", "*q_proj*", "*k_proj*", "*v_proj*", "*o_proj*", "*qkv*"], .attention),
      (["*lstm*", "*gru*", "*rnn*"], .recurrent),
      (
        ["*deconv*", "*convtranspose*", "*conv_transpose*", "*transposed*", "*convt*", "*upconv*"],
        .transposedConvolution
      ),
      (["*conv*", "*downsample*", "*shortcut*"], .convolution),
      (
        [
          "*linear*", "*.fc*", "fc*", "*dense*", "*mlp*", "*feed_forward*", "*ffn*", "*head*", "*classifier*", "*proj*",
          "*output*",
        ], .linear
      ),
    ].flatMap { patterns, type in patterns.map { Rule($0, type) } })
}

/// Whether `name` matches `pattern`: the usual walk that returns to the last star, in time |name|·|pattern|.
private func matches(_ name: ArraySlice<UInt8>, pattern: ArraySlice<UInt8>) -> Bool {
  let star = UInt8(ascii: "*")
  var n = name.startIndex
  var p = pattern.startIndex
  var afterStar: (name: Int, pattern: Int)?
  while n < name.endIndex {
    if p < pattern.endIndex, pattern[p] == star {
      p += 1
      afterStar = (n, p)
    } else if p < pattern.endIndex, pattern[p] == name[n] {
      n += 1
      p += 1
    } else if let (start, next) = afterStar {
      n = start + 1
      p = next
      afterStar = (n, p)
    } else {
      return false
    }
  }
  return pattern[p...].allSatisfy { $0 == star }
}
