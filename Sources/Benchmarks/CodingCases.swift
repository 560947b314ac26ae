import EntropyCoding
import LaminaNumerics
import Quantization

/// The stages of the dithered path on their own, and the check of frames.
enum CodingCases {
  static func cases(_ memory: SpeedMemory, tier: KernelTier, key: RandomKey) -> [SpeedCase] {
    [0, 1, 4].flatMap { dither(memory, rawBits: $0, tier: tier, key: key) }
      + [3, 4, 5].flatMap { rans(memory, bits: $0, tier: tier) }
  }

  /// The check of as many bytes as the values have, by the active kernels.
  static func checks(_ memory: SpeedMemory) -> [SpeedCase] {
    [
      SpeedCase(
        name: SpeedName(group: "check", operation: "crc32c of 4 bytes a coordinate"), coordinates: memory.values.count
      ) { memory.bytes[0] = UInt8(truncatingIfNeeded: CRC32C.checksum(UnsafeRawBufferPointer(memory.bytes))) }
    ]
  }

  private static func dither(
    _ memory: SpeedMemory, rawBits: Int, tier: KernelTier, key: RandomKey
  ) -> [SpeedCase] {
    let specimen = DitherSpecimen(memory, rawBits: rawBits, tier: tier, key: key)
    func name(_ operation: String) -> SpeedName {
      SpeedName(group: "dither", operation: operation, tier: tier.rawValue, variant: "\(rawBits) raw bits")
    }
    return [
      SpeedCase(name: name("dither"), coordinates: memory.values.count, run: specimen.dither),
      SpeedCase(name: name("undither"), coordinates: memory.values.count, run: specimen.undither),
    ]
  }

  private static func rans(_ memory: SpeedMemory, bits: Int, tier: KernelTier) -> [SpeedCase] {
    let specimen = RANSSpecimen(memory, bits: bits, tier: tier)
    func name(_ operation: String) -> SpeedName {
      SpeedName(group: "rans", operation: operation, tier: tier.rawValue, bits: bits, variant: "Gaussian cells")
    }
    return [
      SpeedCase(
        name: name("encode"), coordinates: memory.values.count, goal: SpeedGoals.goal(.encodeRANS, tier: tier),
        quality: specimen.quality, run: specimen.encode),
      SpeedCase(
        name: name("decode"), coordinates: memory.values.count, goal: SpeedGoals.goal(.decodeRANS, tier: tier),
        run: specimen.decode),
    ]
  }
}

/// Dithering without a code, in blocks whose numbers stay in the cache.
private final class DitherSpecimen {
  private static let blockSize = RANSCode.blockSize
  private static let bucketSize = 1024
  private let memory: SpeedMemory
  private let rawBits: Int
  private let tier: KernelTier
  private let key: RandomKey
  private let reciprocal: Float
  private var numbers: [UInt8]
  private var lows: [UInt8]

  init(_ memory: SpeedMemory, rawBits: Int, tier: KernelTier, key: RandomKey) {
    self.memory = memory
    self.rawBits = rawBits
    self.tier = tier
    self.key = key
    reciprocal = 3.78 * Float(1 << rawBits)
    numbers = [UInt8](repeating: 16, count: Self.blockSize)
    lows = [UInt8](repeating: 0, count: Self.blockSize)
  }

  func dither() {
    forEachBucket { range, place, stream, numbers, lows in
      _ = DitherKernels.dither(
        UnsafeBufferPointer(rebasing: memory.source[range]), reciprocal: reciprocal, stream: stream, rawBits: rawBits,
        numbers: UnsafeMutableBufferPointer(rebasing: numbers[place]),
        lows: UnsafeMutableBufferPointer(rebasing: lows[place]), tier: tier)
    }
  }

  func undither() {
    forEachBucket { range, place, stream, numbers, lows in
      DitherKernels.undither(
        UnsafeBufferPointer(rebasing: numbers[place]), lows: UnsafeBufferPointer(rebasing: lows[place]),
        rawBits: rawBits, step: 1 / reciprocal, stream: stream,
        into: UnsafeMutableBufferPointer(rebasing: memory.sums[range]), tier: tier)
    }
  }

  private func forEachBucket(
    _ body: (
      Range<Int>, Range<Int>, RoundingStream, UnsafeMutableBufferPointer<UInt8>, UnsafeMutableBufferPointer<UInt8>
    ) -> Void
  ) {
    numbers.withUnsafeMutableBufferPointer { numbers in
      lows.withUnsafeMutableBufferPointer { lows in
        for (bucket, start) in stride(from: 0, to: memory.values.count, by: Self.bucketSize).enumerated() {
          let range = start..<min(start + Self.bucketSize, memory.values.count)
          let place = start % Self.blockSize
          body(
            range, place..<place + range.count, RoundingStream(key: key.folding(UInt64(bucket))), numbers, lows)
        }
      }
    }
  }
}

/// A rANS code of the numbers of the cells that Gaussian coordinates fall into, block by block as frames code them.
private final class RANSSpecimen {
  private let memory: SpeedMemory
  private let code: RANSCode
  private let entropy: Double
  private var numbers: [UInt8]
  private var decoded: [UInt8]
  private var bits: BitWriter
  private let bytes: [UInt8]

  init(_ memory: SpeedMemory, bits: Int, tier: KernelTier) {
    self.memory = memory
    // Cells of σ·4.13·2^-b have b bits of entropy; at 5 bits the 32 cells end at 2.5 deviations.
    let width: Float = bits == 5 ? 2.5 / 15.5 : 4.13 * Float(sign: .plus, exponent: -bits, significand: 1)
    numbers = memory.values.map { UInt8(min(max(($0 / width).rounded() + 16, 0), 31)) }
    let counts = numbers.withUnsafeBufferPointer { ByteKernels.histogram($0) }
    let distribution = SymbolDistribution(counts: counts)
    let total = Double(numbers.count)
    entropy = entropyInBits(of: counts.map { Double($0) / total })
    let code = RANSCode(distribution, tier: tier)
    var writer = BitWriter(byteCapacity: numbers.count)
    numbers.withUnsafeBufferPointer { code.encode(trusted: $0, to: &writer) }
    self.code = code
    self.bits = writer
    bytes = writer.bytes
    decoded = numbers
  }

  func encode() {
    bits.removeAll()
    numbers.withUnsafeBufferPointer { code.encode(trusted: $0, to: &bits) }
  }

  func decode() {
    var target: [UInt8] = []
    swap(&target, &decoded)
    defer { swap(&target, &decoded) }
    do {
      var reader = BitReader(bytes)
      try Self.decode(code, into: &target, from: &reader)
    } catch {
      preconditionFailure("Bytes that were just written are not read: \(error)")
    }
  }

  private static func decode(_ code: RANSCode, into target: inout [UInt8], from reader: inout BitReader) throws {
    var span = target.mutableSpan
    try code.decode(into: &span, alphabet: DitheredBlock.numberCount, base: 0, from: &reader)
  }

  /// Bits per symbol, and how far they are above the entropy instead of an error.
  func quality() -> SpeedQuality {
    let bits = 8 * Double(bytes.count) / Double(numbers.count)
    return SpeedQuality(bitsPerCoordinate: bits, normalizedError: nil, entropyBits: entropy)
  }
}
