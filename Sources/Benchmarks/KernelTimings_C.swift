import CLaminaKernels
import Foundation
import LaminaNumerics

/// Calls of single kernels over whole vectors, bucket by bucket as the codec makes them.
struct KernelTimings {
  private let table: laminak_table
  static let bucketSize = 1024

  init(_ tier: KernelTier) { table = tier.kernels }

  /// Copies all values.
  func copy(_ memory: SpeedMemory) {
    guard let source = memory.values.baseAddress, let target = memory.bytes.baseAddress else { return }
    memcpy(target, source, 4 * memory.values.count)
  }

  /// Writes as many bytes as the values have.
  func fill(_ memory: SpeedMemory) {
    guard let target = memory.bytes.baseAddress else { return }
    memset(target, 0, 4 * memory.values.count)
  }

  /// sums += values.
  func add(_ memory: SpeedMemory) {
    table.add(memory.values.baseAddress, memory.values.count, memory.sums.baseAddress)
  }

  /// The largest magnitude of every bucket.
  func largest(_ memory: SpeedMemory) {
    var all: UInt32 = 0
    forEachBucket(of: memory) { all |= table.largest($0, $1) }
    keep(Double(all))
  }

  /// The sum of squares of every bucket.
  func squares(_ memory: SpeedMemory) {
    var all = 0.0
    forEachBucket(of: memory) { all += table.sum_of_squares($0, $1) }
    keep(all)
  }

  /// The sum of magnitudes of every bucket.
  func magnitudes(_ memory: SpeedMemory) {
    var all = 0.0
    forEachBucket(of: memory) { all += table.sum_of_magnitudes($0, $1) }
    keep(all)
  }

  private func forEachBucket(of memory: SpeedMemory, _ body: (UnsafePointer<Float>?, Int) -> Void) {
    for start in stride(from: 0, to: memory.values.count, by: Self.bucketSize) {
      let count = min(Self.bucketSize, memory.values.count - start)
      body(memory.source.baseAddress?.advanced(by: start), count)
    }
  }

  /// Uses a result, so that what made it is not left out.
  @inline(never)
  private func keep(_ result: Double) { Self.kept.pointee = result }

  nonisolated(unsafe) private static let kept = UnsafeMutablePointer<Double>.allocate(capacity: 1)
}

/// Where the binary came from.
package enum BuildDescription {
  /// The C compiler that built the kernels, which is the one inside of the Swift compiler.
  package static var compiler: String { String(cString: laminak_compiler()) }
}
