import LaminaNumerics
import Quantization

/// Threads that code the blocks of rotated layers, and the memory that they use again and again.
///
/// Blocks stand alone, so that bytes and sums do not depend on the number of threads.
public struct RotatedMemory: Sendable {
  /// How many threads share a layer.
  public let threads: Int
  /// The kernels that pack fields; all pack alike.
  package let tier: KernelTier
  /// The scales of all blocks of a layer.
  var scales: [Float] = []
  /// The symbols of its blocks with ordinary scales, one behind the other.
  var symbols: [UInt8] = []
  /// The coordinates of its exact blocks.
  var exact: [Float] = []

  /// Memory of nothing; it grows with use.
  ///
  /// - Parameter threads: How many threads share a layer, at least 1.
  public init(threads: Int = 1) { self.init(threads: threads, tier: .active) }

  /// Memory for certain kernels.
  package init(threads: Int, tier: KernelTier) {
    precondition(threads >= 1, "At least one thread codes a layer, not \(threads)")
    (self.threads, self.tier) = (threads, tier)
  }

  /// The number of blocks that travel exactly.
  var exactBlockCount: Int { scales.count { $0.isNaN } }
}
