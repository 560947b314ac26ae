public import LaminaNumerics

/// A random rotation of blocks: signs drawn from a key, then the Walsh-Hadamard transform, once or more.
///
/// It spreads every coordinate over its whole block, after which coordinates are close to normal whatever they were.
/// One round does so for vectors with many coordinates of similar size; a vector with a few large coordinates needs two,
/// for one round leaves it with few distinct magnitudes.
///
/// ## Laws
/// - Orthonormal, to the rounding of binary32: norms and inner products stay; ``invert(_:key:)`` undoes
///   ``apply(_:key:)``.
/// - The same key and block give the same bits on every platform.
///
/// *Complexity:* n log₂n additions and n products per round.
public struct RandomisedHadamard: Hashable, Sendable {
  /// The largest block, 2²⁴.
  public static let largestBlock = 1 << 24

  /// How often signs are drawn and the transform is applied.
  public let rounds: Int

  /// A rotation.
  ///
  /// - Parameter rounds: How often signs are drawn and the transform is applied, from 1 to 4.
  public init(rounds: Int = 1) {
    precondition((1...4).contains(rounds), "A rotation has 1 to 4 rounds, not \(rounds)")
    self.rounds = rounds
  }

  /// Rotates a block in place.
  ///
  /// - Parameters:
  ///   - block: 2ᵏ coordinates, k from 0 to 24, with a norm below 2¹⁰⁰.
  ///   - key: Names the signs; round r uses `key.folding(r)`.
  public func apply(_ block: inout MutableSpan<Float>, key: RandomKey) {
    block.withUnsafeMutableBufferPointer { apply($0, key: key) }
  }

  /// Undoes the rotation of a block in place.
  ///
  /// - Parameters:
  ///   - block: What ``apply(_:key:)`` gave, or any other block of its size.
  ///   - key: The same key.
  public func invert(_ block: inout MutableSpan<Float>, key: RandomKey) {
    block.withUnsafeMutableBufferPointer { invert($0, key: key) }
  }

  func apply(_ block: UnsafeMutableBufferPointer<Float>, key: RandomKey) {
    let factor = RandomisedHadamard.factor(block.count)
    for round in 0..<rounds {
      RandomisedHadamard.sign(block, factor, key.folding(UInt64(round)))
      HadamardTransform.apply(block)
    }
  }

  func invert(_ block: UnsafeMutableBufferPointer<Float>, key: RandomKey) {
    let factor = RandomisedHadamard.factor(block.count)
    for round in (0..<rounds).reversed() {
      HadamardTransform.apply(block)
      RandomisedHadamard.sign(block, factor, key.folding(UInt64(round)))
    }
  }

  /// n^-½, exact for even powers of two and rounded once for odd ones.
  private static func factor(_ count: Int) -> Float {
    precondition(
      count > 0 && count & (count - 1) == 0 && count <= largestBlock, "A block has 2⁰ to 2²⁴ coordinates, not \(count)")
    return Float(1 / Double(count).squareRoot())
  }

  /// Multiplies coordinate i by ±`factor`, with the sign in bit i mod 64 of word ⌊i/64⌋ of the key's stream.
  private static func sign(_ block: UnsafeMutableBufferPointer<Float>, _ factor: Float, _ key: RandomKey) {
    var stream = RandomStream(key: key)
    for start in stride(from: 0, to: block.count, by: 64) {
      let word = stream.next()
      for place in 0..<min(64, block.count - start) {
        let sign = UInt32(truncatingIfNeeded: word >> UInt64(place)) << 31
        block[start + place] *= Float(bitPattern: factor.bitPattern ^ sign)
      }
    }
  }
}
