import LaminaNumerics
import Quantization
import WireFormat

/// Dithered, entropy-coded layers: from coordinates to the bytes of a frame, and back into sums.
enum DitheredCases {
  static func cases(
    _ memory: SpeedMemory, bits: [Int], tier: KernelTier, key: RandomKey, threads: [Int]
  ) -> [SpeedCase] {
    bits.flatMap { bits in
      [true, false].flatMap { hasScales in
        threads.flatMap { threads in
          cases(DitheredSpecimen(memory, bits: bits, hasScales: hasScales, tier: tier, key: key, threads: threads))
        }
      }
    }
  }

  private static func cases(_ specimen: DitheredSpecimen) -> [SpeedCase] {
    let count = specimen.memory.values.count
    let hasGoal = specimen.threads == 1
    return [
      SpeedCase(
        name: specimen.name("encode"), coordinates: count,
        goal: hasGoal ? SpeedGoals.goal(.encodeDithered, tier: specimen.tier) : nil, quality: specimen.quality,
        run: specimen.encode),
      SpeedCase(
        name: specimen.name("accumulate"), coordinates: count,
        goal: hasGoal ? SpeedGoals.goal(.accumulateDithered, tier: specimen.tier) : nil, run: specimen.accumulate),
    ]
  }
}

/// One dithered layer with its bytes.
private final class DitheredSpecimen {
  let memory: SpeedMemory
  let bits: Int
  let tier: KernelTier
  let threads: Int
  private let hasScales: Bool
  private let key: RandomKey
  private let layer: PreparedLayer
  private var work: DitheredMemory
  private var writer = FrameWriter()
  private let payload: [UInt8]

  init(_ memory: SpeedMemory, bits: Int, hasScales: Bool, tier: KernelTier, key: RandomKey, threads: Int) {
    self.memory = memory
    self.bits = bits
    self.tier = tier
    self.threads = threads
    self.hasScales = hasScales
    self.key = key
    let quantizer =
      hasScales
      ? DitheredQuantizer.gaussian(bits: Double(bits), scope: .bucket(1024))
      : DitheredQuantizer(step: .agreed(DitheredQuantizer.gaussianFactor(bits: Double(bits))))
    layer = PreparedLayer(
      layer: Layer(name: "all", type: .linear, range: 0..<memory.values.count), dithered: quantizer)
    work = DitheredMemory(threads: threads, tier: tier)
    payload = Self.encoded(memory.source, layer, key: key, memory: &work, writer: &writer)
  }

  func name(_ operation: String) -> SpeedName {
    SpeedName(
      group: "dithered", operation: operation, tier: tier.rawValue, bits: bits,
      variant: hasScales ? "scale per 1024" : "agreed step", threads: threads)
  }

  func encode() {
    writer.discard()
    _ = writer.append(dithered: memory.source, of: layer, key: key, vectorScale: nil, memory: &work)
  }

  func accumulate() {
    do {
      var reader = FrameReader(payload: payload[...])
      try reader.accumulate(dithered: layer, key: key, vectorScale: nil, memory: &work, into: memory.sums)
    } catch {
      preconditionFailure("Bytes that were just written are not read: \(error)")
    }
  }

  func quality() -> SpeedQuality {
    memory.resetSums()
    accumulate()
    return SpeedQuality(
      bitsPerCoordinate: 8 * Double(payload.count) / Double(memory.values.count),
      normalizedError: memory.normalizedError())
  }

  private static func encoded(
    _ values: UnsafeBufferPointer<Float>, _ layer: PreparedLayer, key: RandomKey, memory: inout DitheredMemory,
    writer: inout FrameWriter
  ) -> [UInt8] {
    _ = writer.append(dithered: values, of: layer, key: key, vectorScale: nil, memory: &memory)
    return writer.payloadBytes
  }
}
