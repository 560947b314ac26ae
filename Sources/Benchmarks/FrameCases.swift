import GradientExchange
import LaminaNumerics
import Quantization
import WireFormat

/// Whole frames, as one rank makes and reads them: with its own decoding, tallies and checksum.
enum FrameCases {
  static func cases(_ memory: SpeedMemory, bits: [Int], threads: [Int]) -> [SpeedCase] {
    bits.flatMap { bits in
      threads.flatMap { threads in
        [true, false].flatMap { isDithered -> [SpeedCase] in
          guard
            let specimen = FrameSpecimen(memory.source, bits: bits, threads: threads, isDithered: isDithered)
          else { return [] }
          return cases(specimen)
        }
      }
    }
  }

  private static func cases(_ specimen: FrameSpecimen) -> [SpeedCase] {
    let count = specimen.local.count
    return [
      SpeedCase(
        name: specimen.name("encode"), coordinates: count, quality: specimen.quality, run: specimen.encode),
      SpeedCase(name: specimen.name("accumulate"), coordinates: count, run: specimen.accumulate),
    ]
  }
}

/// One plan with a codec and its last frame.
private final class FrameSpecimen {
  let local: [Float]
  private let bits: Int
  private let threads: Int
  private let isDithered: Bool
  private var codec: ExchangeCodec
  private var frame: EncodedFrame
  private var sum: [Float]

  init?(_ values: UnsafeBufferPointer<Float>, bits: Int, threads: Int, isDithered: Bool) {
    local = Array(values)
    self.bits = bits
    self.threads = threads
    self.isDithered = isDithered
    let levels = LevelQuantizer(
      levels: SpeedLevels.levels(bits: bits, bucketSize: 1024, isUniform: false), norm: .max, scope: .bucket(1024))
    let type: LayerPlan =
      isDithered ? .dithered(.gaussian(bits: Double(bits), scope: .bucket(1024))) : .levels(levels, .fixedWidth)
    guard let map = try? LayerMap([Layer(name: "all", type: .linear, range: 0..<values.count)]),
      let plan = try? QuantizationPlan(map: map, plans: [.linear: type], seed: 1)
    else { return nil }
    codec = ExchangeCodec(plan: plan, rank: 0, threads: threads)
    guard let first = try? codec.encode(local, step: 0) else { return nil }
    frame = first
    sum = [Float](repeating: 0, count: values.count)
  }

  func name(_ operation: String) -> SpeedName {
    SpeedName(
      group: "frame", operation: operation, tier: KernelTier.active.rawValue, bits: bits,
      variant: isDithered ? "dithered, scale per 1024" : "packed, optimal, bucket 1024", threads: threads)
  }

  func encode() {
    guard let next = try? codec.encode(local, step: 0) else { preconditionFailure("A vector of numbers is encoded") }
    frame = next
  }

  func accumulate() {
    do { try codec.accumulate(frame.bytes, step: 0, rank: 0, into: &sum) } catch {
      preconditionFailure("A frame that was just written is not read: \(error)")
    }
  }

  func quality() -> SpeedQuality {
    SpeedQuality(
      bitsPerCoordinate: 8 * Double(frame.bytes.count) / Double(local.count),
      normalizedError: frame.squaredError / frame.squaredNorm)
  }
}
