import EntropyCoding
import LaminaNumerics
import Quantization

/// Threads that code the blocks of dithered layers, and the memory that each uses again and again.
///
/// Blocks stand alone, so that bytes and sums do not depend on the number of threads.
public struct DitheredMemory: Sendable {
  /// What one thread works on.
  struct Part: Sendable {
    var block = DitheredBlock()
    /// Scales, or marks, and exact coordinates of a block, in front of its symbols.
    var head = ByteWriter()
    var bits = BitWriter()
    var fields: [UInt8] = []
    /// What the thread wrote, and which blocks that were.
    var bytes = ByteWriter()
    var pieces: [Piece] = []
    var traffic = LayerTraffic()
    var exactBuckets = 0
    var failure: (block: Int, error: WireFormatError)?
  }

  /// The bytes of one block among those that a thread wrote.
  struct Piece: Sendable {
    var block: Int
    var range: Range<Int>
    var tally: VectorTally
  }

  /// The kernels in use; all code alike.
  package let tier: KernelTier
  var parts: [Part]

  /// How many threads share a layer.
  public var threads: Int { parts.count }

  /// Memory of nothing; it grows with use.
  ///
  /// - Parameter threads: How many threads share a layer, at least 1.
  public init(threads: Int = 1) { self.init(threads: threads, tier: .active) }

  /// Memory for certain kernels.
  package init(threads: Int, tier: KernelTier) {
    precondition(threads >= 1, "At least one thread codes a layer, not \(threads)")
    self.tier = tier
    parts = [Part](repeating: Part(), count: threads)
  }

  /// Runs `body` for all blocks of a layer, in order where there is one thread.
  mutating func forEachBlock(of count: Int, _ body: @Sendable (inout Part, Int) -> Void) {
    let workers = min(threads, count)
    if workers <= 1 {
      for block in 0..<count { body(&parts[0], block) }
      return
    }
    parts.withUnsafeMutableBufferPointer { parts in
      let shared = SharedParts(parts)
      SharedWork.perform(count: count, threads: workers) { worker, block in shared.with(worker) { body(&$0, block) } }
    }
  }
}

/// The parts of several threads, each of which touches only its own.
private struct SharedParts: @unchecked Sendable {
  // Unchecked: no two workers have the same number.
  private let parts: UnsafeMutableBufferPointer<DitheredMemory.Part>

  init(_ parts: UnsafeMutableBufferPointer<DitheredMemory.Part>) { self.parts = parts }

  func with(_ worker: Int, _ body: (inout DitheredMemory.Part) -> Void) { body(&parts[worker]) }
}
