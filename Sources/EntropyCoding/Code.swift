/// A uniquely decodable code for symbols of small alphabets.
///
/// A code owns the numbers 0..<``symbolCount``. A call codes symbols j of an alphabet that begins at number `base`, that
/// is, the numbers `base` + j: the Main protocol has one code per layer type and base 0, the Alternating protocol one
/// code over the union of all alphabets, in which layer type m begins at base_m (arXiv 2505.14371, section 3.2).
///
/// Laws, for symbols in `0..<alphabet` with `base + alphabet <= symbolCount`:
/// - `decode` after `encode` returns the symbols and ends where `encode` ended;
/// - the same symbols give the same bits on every machine;
/// - ``cost(of:)`` is true: prefix codes write exactly Σ cost bits; ``RANSCode`` stays within its documented overhead;
/// - on any bits `decode` returns or throws; it never traps, and after a throw the cursor has not moved.
public protocol Code: Sendable {
  /// How many numbers this code can write: 0..<`symbolCount`.
  var symbolCount: Int { get }

  /// Writes the numbers `base` + symbol.
  ///
  /// - Parameters:
  ///   - symbols: The symbols j, each with `base + j < symbolCount`; anything else is a precondition failure.
  ///   - base: The number of symbol 0, not negative.
  ///   - bits: Where to write.
  func encode(_ symbols: Span<UInt8>, base: Int, to bits: inout BitWriter)

  /// Reads as many symbols as `symbols` has room for.
  ///
  /// - Parameters:
  ///   - symbols: Receives the symbols; after a throw its contents are unspecified.
  ///   - alphabet: The number of symbols that may appear, 1…256.
  ///   - base: The number of symbol 0, not negative.
  ///   - bits: Where to read.
  /// - Throws: A ``DecodingError``, in particular ``DecodingError/symbolOutOfRange`` when a number outside
  ///   `base..<base + alphabet` appears.
  func decode(
    into symbols: inout MutableSpan<UInt8>, alphabet: Int, base: Int, from bits: inout BitReader
  ) throws(DecodingError)

  /// The length of the codeword of a number in bits: exact for prefix codes, −log₂ p for rANS.
  ///
  /// - Parameter symbol: A number in 0..<``symbolCount``.
  /// - Returns: The bits, not negative.
  func cost(of symbol: Int) -> Double
}

extension Code {
  /// The expected bits per symbol, Σⱼ pⱼ cost(`base` + j).
  ///
  /// - Parameters:
  ///   - probabilities: pⱼ of symbol j; need not sum to 1, so that a layer type's share can be included.
  ///   - base: The number of symbol 0.
  /// - Returns: The expectation in bits.
  public func expectedLength(under probabilities: [Double], base: Int = 0) -> Double {
    precondition(base >= 0 && base + probabilities.count <= symbolCount, "The symbols do not fit into the code")
    return probabilities.indices.reduce(0) { $0 + probabilities[$1] * cost(of: base + $1) }
  }

  /// Writes symbols as numbers of base 0.
  ///
  /// - Parameters:
  ///   - symbols: The symbols, each below ``symbolCount``.
  ///   - bits: Where to write.
  public func encode(_ symbols: [UInt8], to bits: inout BitWriter) { encode(symbols.span, base: 0, to: &bits) }

  /// Checks the arguments of `encode`, in one vectorised pass, so that inner loops need no check per symbol.
  func checkRange(_ symbols: Span<UInt8>, base: Int) {
    precondition(base >= 0, "The base must not be negative")
    let largest = symbols.withUnsafeBufferPointer { buffer in buffer.reduce(UInt8(0)) { Swift.max($0, $1) } }
    precondition(
      symbols.isEmpty || base + Int(largest) < symbolCount,
      "Number \(base + Int(largest)) is outside the code's \(symbolCount) numbers")
  }

  /// Checks the arguments of `decode`.
  func checkAlphabet(_ alphabet: Int, base: Int) {
    precondition((1...256).contains(alphabet), "An alphabet has 1 to 256 symbols, not \(alphabet)")
    precondition(base >= 0, "The base must not be negative")
  }
}
