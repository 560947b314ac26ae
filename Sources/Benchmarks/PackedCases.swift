import LaminaNumerics
import Quantization
import WireFormat

/// Levels packed into fields: from coordinates to bytes and from bytes into sums, as frames do it.
enum PackedCases {
  static let bucketSizes = [1024, 128]

  static func cases(_ memory: SpeedMemory, bits: [Int], tier: KernelTier, key: RandomKey) -> [SpeedCase] {
    bits.flatMap { bits in
      bucketSizes.flatMap { size in
        [true, false].flatMap { isUniform in
          cases(PackedSpecimen(memory, bits: bits, bucketSize: size, isUniform: isUniform, tier: tier, key: key))
        }
      }
    }
  }

  private static func cases(_ specimen: PackedSpecimen) -> [SpeedCase] {
    let (bits, tier) = (specimen.bits, specimen.tier)
    // The goals are for buckets of 1024.
    func goal(_ operation: SpeedGoals.Operation, bits: Int? = nil) -> SpeedGoal? {
      specimen.bucketSize == 1024 ? SpeedGoals.goal(operation, tier: tier, bits: bits) : nil
    }
    var cases = [
      SpeedCase(
        name: specimen.name("encode"), coordinates: specimen.memory.values.count,
        goal: goal(specimen.isUniform ? .encodeUniform : .encodeArbitrary, bits: bits), quality: specimen.quality,
        run: specimen.encode)
    ]
    // Decoding looks values up, whatever the levels.
    guard !specimen.isUniform else { return cases }
    cases.append(
      SpeedCase(
        name: specimen.name("decode"), coordinates: specimen.memory.values.count,
        goal: goal(.decodePacked)
      ) { specimen.decode(isFirst: true) })
    cases.append(
      SpeedCase(
        name: specimen.name("accumulate"), coordinates: specimen.memory.values.count,
        goal: goal(.accumulatePacked)
      ) { specimen.decode(isFirst: false) })
    return cases
  }
}

/// One choice of levels with its bytes.
private final class PackedSpecimen {
  let memory: SpeedMemory
  let bits: Int
  let bucketSize: Int
  let isUniform: Bool
  let tier: KernelTier
  private let key: RandomKey
  private let coder: PackedLayerCoder
  private let norms: UnsafeMutableRawBufferPointer
  private let fields: UnsafeMutableRawBufferPointer

  init(_ memory: SpeedMemory, bits: Int, bucketSize: Int, isUniform: Bool, tier: KernelTier, key: RandomKey) {
    self.memory = memory
    self.bits = bits
    self.bucketSize = bucketSize
    self.isUniform = isUniform
    self.tier = tier
    self.key = key
    let quantizer = LevelQuantizer(
      levels: SpeedLevels.levels(bits: bits, bucketSize: bucketSize, isUniform: isUniform), norm: .max,
      scope: .bucket(bucketSize))
    coder = PackedLayerCoder(quantizer, tier: tier)
    let count = memory.values.count
    norms = .allocate(byteCount: 4 * quantizer.scope.normCount(in: count), alignment: 64)
    fields = .allocate(byteCount: coder.packing.byteCount(of: count), alignment: 64)
    norms.initializeMemory(as: UInt8.self, repeating: 0)
    fields.initializeMemory(as: UInt8.self, repeating: 0)
    encode()
  }

  deinit {
    norms.deallocate()
    fields.deallocate()
  }

  func name(_ operation: String) -> SpeedName {
    let kind = operation != "encode" ? "" : isUniform ? "uniform, " : "optimal, "
    return SpeedName(
      group: "packed", operation: operation, tier: tier.rawValue, bits: bits, variant: "\(kind)bucket \(bucketSize)")
  }

  func encode() {
    let count = memory.values.count
    // Norms and fields stripe by stripe, so that the second pass over a stripe finds it in the cache.
    let stripe = max(coder.stripe(in: count), 4096 / coder.stripe(in: count) * coder.stripe(in: count))
    for start in stride(from: 0, to: count, by: stripe) {
      let range = start..<min(start + stripe, count)
      _ = coder.writeNorms(of: memory.source, stripe: range, into: norms)
      coder.encode(memory.source, stripe: range, key: key, norms: UnsafeRawBufferPointer(norms), into: fields)
    }
  }

  func decode(isFirst: Bool) {
    _ = coder.accumulate(
      UnsafeRawBufferPointer(fields), stripe: 0..<memory.sums.count, norms: UnsafeRawBufferPointer(norms),
      into: memory.sums, isFirst: isFirst)
  }

  func quality() -> SpeedQuality {
    encode()
    decode(isFirst: true)
    let total = 8 * (norms.count + fields.count)
    return SpeedQuality(
      bitsPerCoordinate: Double(total) / Double(memory.values.count), normalizedError: memory.normalizedError())
  }
}

/// The levels that are measured.
enum SpeedLevels {
  /// Magnitudes with a sign, in fields of `bits` bits: equally spaced, or of least expected variance for a Gaussian
  /// vector in buckets of this size.
  static func levels(bits: Int, bucketSize: Int, isUniform: Bool) -> Levels {
    let intervals = 1 << (bits - 1) - 1
    guard !isUniform else { return .uniform(intervals: intervals) }
    let law = FoldedTruncatedNormal(deviation: bucketSize < 512 ? 1 / 2.6 : 1 / 3.2)
    let start = AdaptationMethod.optimal.startingLevels(interiorCount: intervals - 1)
    return (try? AdaptationMethod.optimal.fit(start, to: law)) ?? start
  }
}
