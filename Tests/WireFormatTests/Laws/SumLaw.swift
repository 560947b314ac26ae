import LaminaNumerics
import Quantization
import WireFormat

/// Sums give a vector or an error, and hold the workers' integers without loss, in the same bytes from every tier.
enum SumLaw {
  /// Masks of every number of bytes, and one worker more than they have bits.
  private static let workerCounts = [1, 2, 3, 4, 7, 8, 9, 17, 32, 63, 64, 65]
  /// The most coordinates of all workers together, so that an input takes no time to speak of.
  private static let mostCoordinates = 1 << 15

  /// A plan of small choices, a number of workers, and a payload behind it.
  static func payload(_ bytes: inout InputBytes) throws(BrokenLaw) {
    guard let plan = bytes.plan() else { return }
    let workers = bytes.pick(workerCounts)
    try FrameLaw.payload(SpoiledFrame.varint(UInt64(workers)) + bytes.remainder(), plan, workers: workers)
  }

  /// A plan of small choices, a number of workers, and their vectors.
  static func roundTrip(_ bytes: inout InputBytes) throws(BrokenLaw) {
    guard let plan = bytes.plan() else { return }
    let dimension = plan.map.dimension
    let workers = min(bytes.pick(workerCounts), max(1, mostCoordinates / dimension))
    // Some workers have nothing, so that buckets are sums of a part of them.
    let idle = UInt64(bytes.byte()) << 8 | UInt64(bytes.byte())
    let values = bytes.floats(workers * dimension)
    try check(
      plan,
      (0..<workers).map { worker in
        idle >> UInt64(worker % 16) & 1 == 1
          ? [Float](repeating: 0, count: dimension) : Array(values[worker * dimension..<(worker + 1) * dimension])
      })
  }

  static func check(_ plan: QuantizationPlan, _ vectors: [[Float]]) throws(BrokenLaw) {
    do {
      var workshop = FrameWorkshop(plan, memory: DitheredMemory(threads: 1, tier: .portable))
      let made = try workshop.sum(of: vectors)
      try hold(made.traffic.total == 8 * (made.bytes.count - made.framing), "The traffic is not that of the bytes")
      let decoded = try workshop.decode(made.bytes, workers: vectors.count)
      try hold(patterns(decoded) == patterns(made.decoded), "The sum decodes to another vector than was summed")
      guard !(plan.ditheredTypes + plan.rotatedTypes).isEmpty else { return }
      for tier in KernelTier.supported.dropFirst() {
        var other = FrameWorkshop(plan, memory: DitheredMemory(threads: 1, tier: tier))
        try hold(try other.sum(of: vectors).bytes == made.bytes, "Tier \(tier) writes other bytes")
        let again = try other.decode(made.bytes, workers: vectors.count)
        try hold(patterns(again) == patterns(decoded), "Tier \(tier) reads another vector")
      }
    } catch let error as BrokenLaw {
      throw error
    } catch {
      throw BrokenLaw(description: "A sum just made is refused: \(error)")
    }
  }
}
