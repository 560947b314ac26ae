/// A generator whose n-th word is a pure function of its key and n.
///
/// For noise, initial points and samples. The quantizers draw from ``RoundingStream`` instead, whose layout follows the
/// lanes of vector registers.
public struct RandomStream: RandomNumberGenerator, Sendable {
  private let word: UInt64
  private var counter: UInt64 = 0

  /// The stream of `key`, at its beginning.
  public init(key: RandomKey) { word = key.word }

  /// The next 64 uniform bits.
  public mutating func next() -> UInt64 {
    counter &+= 1
    return scrambled(word &+ counter &* 0x9E37_79B9_7F4A_7C15)
  }

  /// The next number, uniform on [0, 1) with 53 bits.
  public mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
