import CLaminaKernels
import LaminaNumerics

/// The kernels that go over bytes once: checks and counts.
package enum ByteKernels {
  /// The register of ``CRC32C`` after `bytes`, nil where tables are to be used.
  static func crc32c(_ register: UInt32, _ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
    kernels.crc32c?(register, bytes.baseAddress, bytes.count)
  }

  /// How often each of the numbers 0…31 appears.
  ///
  /// - Parameters:
  ///   - numbers: Fewer than 2³² numbers, each below 32.
  ///   - tier: The kernels to use, by default the active ones.
  /// - Returns: 32 counts.
  package static func histogram(_ numbers: UnsafeBufferPointer<UInt8>, tier: KernelTier? = nil) -> [UInt64] {
    let table = tier?.kernels ?? kernels
    var counts = [UInt32](repeating: 0, count: 32)
    table.histogram(numbers.baseAddress, numbers.count, &counts)
    return counts.map { UInt64($0) }
  }
}
