/// The name of an independent stream of random bits.
///
/// Randomness in Lamina is a pure function of a name: a key is folded with labels such as the step, the rank, the layer
/// and the bucket, and never advances. Any order of evaluation, any number of threads and any instruction set therefore
/// draw the same bits, and a receiver that knows the name can repeat them.
///
/// ```swift
/// let key = RandomKey(seed: 7).folding(step).folding(rank).folding(layer)
/// ```
public struct RandomKey: Hashable, Sendable, Codable {
  /// The 64 bits that every stream of this key is derived from.
  public let word: UInt64

  /// The root key of a seed.
  public init(seed: UInt64) { word = scrambled(seed) }

  /// The key named by this key and `label`.
  ///
  /// - Parameter label: Any number; different labels name independent keys.
  /// - Returns: The key with one more label in its name.
  @inlinable
  public func folding(_ label: UInt64) -> RandomKey {
    RandomKey(trusted: scrambled(word ^ scrambled(label &+ 0x9E37_79B9_7F4A_7C15)))
  }

  @usableFromInline
  init(trusted word: UInt64) { self.word = word }
}

/// The finaliser of SplitMix64: a bijection of 64-bit words in which every input bit reaches every output bit.
@inlinable
package func scrambled(_ x: UInt64) -> UInt64 {
  var z = x &+ 0x9E37_79B9_7F4A_7C15
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}
