import CLaminaKernels
import LaminaNumerics

/// The tables of a rANS code of up to 32 numbers, made once, and the kernels that read them.
///
/// The kernels do what ``RANSTables`` does, bit for bit and error for error.
final class RANSModel: @unchecked Sendable {
  static let maximumCount = 32

  // Written by the initialiser alone, so that threads may share it.
  private let model: OpaquePointer
  private let memory: UnsafeMutableRawPointer
  private let count: Int
  private let tier: KernelTier

  init(_ distribution: SymbolDistribution, tier: KernelTier) {
    precondition(
      distribution.symbolCount <= Self.maximumCount,
      "The kernels of rANS have 32 numbers, not \(distribution.symbolCount)")
    memory = .allocate(byteCount: laminak_rans_size(), alignment: 64)
    model = OpaquePointer(memory)
    count = distribution.symbolCount
    self.tier = tier
    laminak_rans_prepare(model, distribution.frequencies, count)
  }

  deinit { memory.deallocate() }

  func encode(_ block: UnsafeBufferPointer<UInt8>, base: Int, to bits: inout BitWriter) {
    guard base == 0 else {
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: block.count) { numbers in
        for i in block.indices { numbers[i] = block[i] &+ UInt8(truncatingIfNeeded: base) }
        encode(UnsafeBufferPointer(numbers), base: 0, to: &bits)
      }
      return
    }
    let lanes = RANSCode.laneCount(symbolCount: block.count)
    withUnsafeTemporaryAllocation(byteCount: 4 * lanes + 2 * block.count, alignment: 1) { room in
      let size = tier.kernels.rans_encode(model, block.baseAddress, block.count, UInt32(lanes), room.baseAddress)
      bits.write(bytes: UnsafeRawBufferPointer(rebasing: room[(room.count - size)...]))
    }
  }

  func decode(
    _ output: UnsafeMutableBufferPointer<UInt8>, alphabet: Int, base: Int, from source: inout BitSource
  ) -> DecodingError? {
    let lanes = RANSCode.laneCount(symbolCount: output.count)
    let bytes = UnsafeRawBufferPointer(rebasing: source.bytes[(source.position >> 3)...])
    var used = 0
    let result = tier.kernels.rans_decode(
      model, output.baseAddress, output.count, UInt32(lanes), bytes.baseAddress, bytes.count, &used)
    switch result {
    case LAMINAK_RANS_TRUNCATED: return .truncated
    case LAMINAK_RANS_BAD_START: return .inconsistentState
    default:
      guard restrict(output, alphabet: alphabet, base: base) else { return .symbolOutOfRange }
      guard result == LAMINAK_RANS_DONE else { return .inconsistentState }
      source.position += 8 * used
      return nil
    }
  }

  /// Makes symbols of numbers; false where one is outside the alphabet.
  private func restrict(_ output: UnsafeMutableBufferPointer<UInt8>, alphabet: Int, base: Int) -> Bool {
    if base == 0 && alphabet >= count { return true }
    if base >= Self.maximumCount { return false }
    let base = UInt8(base)
    var largest: UInt8 = 0
    var smallest = UInt8.max
    for i in output.indices {
      largest = max(largest, output[i])
      smallest = min(smallest, output[i])
      output[i] = output[i] &- base
    }
    return smallest >= base && Int(largest) - Int(base) < alphabet
  }
}
