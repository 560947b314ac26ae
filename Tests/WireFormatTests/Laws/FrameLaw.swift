import LaminaNumerics
import Quantization
import WireFormat

/// Frames give a vector or an error, the same in every tier and with any number of threads.
enum FrameLaw {
  /// The largest dimension whose frames are read: memory in proportion to the plan is the plan's wish.
  static let largestDimension = 1 << 17

  /// A plan as bytes, and a payload under it, in a frame that is right otherwise.
  static func payload(_ bytes: inout InputBytes) throws(BrokenLaw) {
    let size = bytes.number()
    guard let plan = try? QuantizationPlan(decoding: bytes.slice(size)[...]) else { return }
    try payload(bytes.remainder(), plan)
  }

  /// A plan of small choices, and a payload under it.
  static func recipePayload(_ bytes: inout InputBytes) throws(BrokenLaw) {
    guard let plan = bytes.plan() else { return }
    try payload(bytes.remainder(), plan)
  }

  /// A plan as bytes, and a frame, which is repaired in part.
  static func frame(_ bytes: inout InputBytes) throws(BrokenLaw) {
    let repair = bytes.choice(3)
    let size = bytes.number()
    let plan = try? QuantizationPlan(decoding: bytes.slice(size)[...])
    var frame = SpoiledFrame(bytes.remainder())
    if repair == 1 { frame.repairChecksum() }
    if repair == 2 { frame.repair() }
    let header = try? FrameReader.header(of: frame.bytes[...])
    guard let plan else { return }
    // Of a sum the payload tells how many workers it is of; what it says is believed where that is at most 127.
    let first = frame.payloadStart < frame.bytes.count ? Int(frame.bytes[frame.payloadStart] & 0x7F) : 1
    try decode(frame.bytes, plan, step: header?.step ?? 0, workers: header?.kind == .sum ? max(1, first) : nil)
  }

  /// A payload in a frame that is right otherwise; of a sum, where there are workers.
  static func payload(_ payload: [UInt8], _ plan: QuantizationPlan, workers: Int? = nil) throws(BrokenLaw) {
    let kind: FrameHeader.Kind = workers == nil ? .local : .sum
    let header = FrameHeader(
      kind: kind, rank: 0, levelEpoch: plan.levelEpoch, planDigest: plan.digest, step: 0, squaredNorm: 0,
      squaredChange: 0)
    var writer = FrameWriter()
    var frame = SpoiledFrame(writer.finish(header: header))
    frame.replacePayload(by: payload)
    frame.repair()
    do { _ = try FrameReader(frame.bytes[...], plan: plan, step: 0, rank: 0, kind: kind) } catch {
      throw BrokenLaw(description: "A right header was refused: \(error)")
    }
    try decode(frame.bytes, plan, step: 0, workers: workers)
  }

  private static func decode(
    _ frame: [UInt8], _ plan: QuantizationPlan, step: UInt64, workers: Int?
  ) throws(BrokenLaw) {
    guard plan.map.dimension <= largestDimension else { return }
    func outcome(_ memory: DitheredMemory) -> Result<[UInt32], WireFormatError> {
      Self.outcome(frame, plan, step: step, workers: workers, memory)
    }
    let expected = outcome(DitheredMemory(threads: 1, tier: .portable))
    guard !(plan.ditheredTypes + plan.rotatedTypes).isEmpty else { return }
    for tier in KernelTier.supported.dropFirst() {
      let found = outcome(DitheredMemory(threads: 1, tier: tier))
      try hold(found.isSame(as: expected), "Tier \(tier) reads another vector, or finds another error")
    }
    // Starting threads takes longer than all of the above, so only where they would share work.
    guard plan.map.layers.contains(where: { $0.range.count > 8192 }) else { return }
    let found = outcome(DitheredMemory(threads: 2, tier: .active))
    try hold(found.isSame(as: expected), "Two threads read another vector, or find another error")
  }

  private static func outcome(
    _ frame: [UInt8], _ plan: QuantizationPlan, step: UInt64, workers: Int?, _ memory: DitheredMemory
  ) -> Result<[UInt32], WireFormatError> {
    do {
      let workshop = FrameWorkshop(plan, memory: memory)
      return .success(patterns(try workshop.decode(frame, step: step, rank: nil, workers: workers)))
    } catch {
      _ = error.description
      return .failure(error)
    }
  }
}
