import LaminaNumerics

/// Interleaved range asymmetric numeral systems: within a fraction of a percent of the entropy.
///
/// The stream, which `Documentation/WireFormat.md` restates, is fixed by these numbers:
///
/// - It begins at a byte boundary; the encoder pads with zero bits. No symbols give no bits and no padding.
/// - Symbols are cut into blocks of 2¹⁹; the last may be shorter. Each block stands alone.
/// - A block of n symbols has N lanes, N the largest power of two that is at most n/1024, but at least 1 and at most 32;
///   or that is at most n/2048, but at most 128, where that is more. Symbol i of the block belongs to lane i mod N.
/// - A lane's state x is a 32-bit number, 2¹⁶ ≤ x < 2³². The encoder starts all lanes at 2¹⁶ and takes the symbols from
///   last to first. To code a symbol with frequency f and cumulative frequency c of a total 2ᵇ (b = 12, or 14 for more
///   than 1024 numbers): if x ≥ f·2^(32−b), emit the low 16 bits of x and shift x right by 16; then
///   x ← ⌊x/f⌋·2ᵇ + x mod f + c.
/// - A block is the N final states, lane 0 first, 4 bytes each, then the emitted words, the last one first, 2 bytes
///   each; all little endian.
/// - The decoder takes the symbols from first to last: with s = x mod 2ᵇ it finds the symbol with c ≤ s < c + f, sets
///   x ← f·⌊x/2ᵇ⌋ + s − c, and if x < 2¹⁶ appends the next word as the new low 16 bits. All lanes must end at 2¹⁶.
///
/// The words are thus consumed in lane order within every group of N symbols, whatever the width of the registers, so
/// that vector code with up to 128 lanes reads and writes the same bytes. Codes of up to 32 numbers run on such code where
/// the processor has the registers, larger ones a symbol at a time.
///
/// *Overhead* over Σ cost: 16 to 32 bits per lane and block, as a lane's 32 stored bits carry log₂ x − 16 bits of
/// symbols. Integer division moves the cost of a symbol by up to 0.005 bit (b = 12) or 0.02 bit (b = 14), down in the
/// lower half of the cumulative range and up in the upper; on average over the distribution by less than 0.001 bit.
///
/// J. Duda, Asymmetric numeral systems (arXiv 1311.2540); interleaving after F. Giesen (arXiv 1402.3392).
public struct RANSCode: Code {
  /// The frequencies that the code is made of.
  public let distribution: SymbolDistribution

  /// What codes the blocks.
  enum Coder: Sendable {
    /// Up to 32 numbers.
    case kernels(RANSModel)
    /// Any alphabet.
    case tables(RANSTables)
  }

  let coder: Coder

  /// The code for `distribution`.
  ///
  /// - Parameter distribution: Any.
  /// - Complexity: O(4096), or O(16384) for more than 1024 symbols.
  public init(_ distribution: SymbolDistribution) {
    self.init(distribution, tier: distribution.symbolCount <= RANSModel.maximumCount ? .active : nil)
  }

  /// The code for `distribution` on certain kernels; all write the same bytes and find the same errors.
  ///
  /// - Parameters:
  ///   - distribution: Any, but of at most 32 numbers with a tier.
  ///   - tier: The kernels, or nil for the coder of any alphabet, which is their executable specification.
  package init(_ distribution: SymbolDistribution, tier: KernelTier?) {
    self.distribution = distribution
    coder = tier.map { .kernels(RANSModel(distribution, tier: $0)) } ?? .tables(RANSTables(distribution))
  }

  public var symbolCount: Int { distribution.symbolCount }

  public func cost(of symbol: Int) -> Double { distribution.information(of: symbol) }

  /// The symbols of a full block.
  package static let blockSize = 1 << 19

  /// The state in which encoders begin and decoders end, also the smallest state.
  static let initialState: UInt32 = 1 << 16

  /// The number of lanes of a block.
  ///
  /// - Parameter count: The symbols of the block.
  /// - Returns: A power of two, 1…128.
  public static func laneCount(symbolCount count: Int) -> Int {
    // 32 lanes fill a register of the widest processors; from there on, bytes are worth more than time.
    let wanted = max(1, min(32, count / 1024), min(128, count / 2048))
    return 1 << (Int.bitWidth - 1 - wanted.leadingZeroBitCount)
  }
}

extension RANSCode: Hashable {
  /// Whether the frequencies are equal.
  public static func == (left: RANSCode, right: RANSCode) -> Bool { left.distribution == right.distribution }

  public func hash(into hasher: inout Hasher) { hasher.combine(distribution) }
}
