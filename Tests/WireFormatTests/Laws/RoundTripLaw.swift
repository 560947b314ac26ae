import LaminaNumerics
import Quantization
import WireFormat

/// Frames hold what the quantizer made of any vector, bit for bit, in the same bytes from every tier.
enum RoundTripLaw {
  static func check(_ bytes: inout InputBytes) throws(BrokenLaw) {
    guard let plan = bytes.plan() else { return }
    try check(plan, bytes.floats(plan.map.dimension))
  }

  static func check(_ plan: QuantizationPlan, _ vector: [Float]) throws(BrokenLaw) {
    var workshop = FrameWorkshop(plan, memory: DitheredMemory(threads: 1, tier: .portable))
    let made = workshop.frame(of: vector)
    try hold(made.traffic.total == 8 * (made.bytes.count - made.framing), "The traffic is not that of the bytes")
    do {
      let decoded = try workshop.decode(made.bytes)
      try hold(patterns(decoded) == patterns(made.decoded), "The frame decodes to another vector than was quantized")
    } catch let error as BrokenLaw {
      throw error
    } catch {
      throw BrokenLaw(description: "A frame just made is refused: \(error)")
    }
    guard !(plan.ditheredTypes + plan.rotatedTypes).isEmpty else { return }
    let hasShared = plan.map.layers.contains { $0.range.count > 8192 }
    for (tier, threads) in KernelTier.supported.dropFirst().map({ ($0, 1) }) + (hasShared ? [(.active, 2)] : []) {
      var other = FrameWorkshop(plan, memory: DitheredMemory(threads: threads, tier: tier))
      let again = other.frame(of: vector)
      try hold(again.bytes == made.bytes, "\(threads) threads of tier \(tier) write other bytes")
      try hold(patterns(again.decoded) == patterns(made.decoded), "Tier \(tier) decodes its own symbols otherwise")
    }
  }
}
