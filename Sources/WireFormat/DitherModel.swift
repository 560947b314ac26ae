import EntropyCoding
import LaminaNumerics
import Quantization

/// How the numbers of one dithered layer are coded: how many low bits of the integers stay raw, and the frequencies of
/// the 32 numbers. The sender chooses it for every frame; WireFormat.md, section "Dithered layers".
struct DitherModel: Sendable {
  enum Table: Hashable, Sendable {
    /// A law of the family, which two small numbers name: for layers that would not repay a table.
    case family(shape: Int, scale: Int)
    /// A table that travels with the frame.
    case explicit(SymbolDistribution)
  }

  let rawBits: Int
  let table: Table
  let code: RANSCode

  init(rawBits: Int, table: Table, tier: KernelTier = .active) {
    self.rawBits = rawBits
    self.table = table
    let distribution =
      switch table {
      case .family(let shape, let scale): DitherFamily.member(shape: shape, scale: scale).distribution
      case .explicit(let distribution): distribution
      }
    code = RANSCode(distribution, tier: tier)
  }

  /// The model that codes a layer of `count` coordinates like the sampled ones in the fewest bits.
  static func fitted(to sample: DitherSample, count: Int, tier: KernelTier = .active) -> DitherModel {
    guard sample.count > 0 else { return DitherModel(rawBits: 0, table: .family(shape: 0, scale: 0), tier: tier) }
    let growth = Double(count) / Double(sample.count)
    var best: (bits: Double, rawBits: Int, table: Table)?
    let least = sample.leastRawBits
    for rawBits in least...min(least + 1, DitheredBlock.mostRawBits) {
      let counts = sample.numberCounts(rawBits: rawBits)
      let raw = Double(rawBits * count) + growth * Double(sample.escapeBits(rawBits: rawBits))
      for (bits, table) in tables(for: counts, growth: growth) where bits + raw < best?.bits ?? .infinity {
        best = (bits + raw, rawBits, table)
      }
    }
    guard let best else {
      return DitherModel(rawBits: DitheredBlock.mostRawBits, table: .family(shape: 0, scale: 63), tier: tier)
    }
    return DitherModel(rawBits: best.rawBits, table: best.table, tier: tier)
  }

  /// The best law of the family and the best table, each with the bits that it would take for the whole layer.
  private static func tables(for counts: [Int], growth: Double) -> [(Double, Table)] {
    let law = DitherFamily.nearest(to: counts)
    let member = DitherFamily.member(shape: law.shape, scale: law.scale)
    // A little of the family's law keeps what the sample missed codable at a fair price.
    let smoothed = counts.indices.map { Double(counts[$0]) + 4 * member.distribution.probability(of: $0) }
    let explicit = SymbolDistribution(probabilities: smoothed)
    let explicitBits = DitherFamily.bits(for: counts, information: DitherFamily.information(of: explicit))
    // A table made for a sample costs a whole of `growth` samples half a nat more for each of its 31 free frequencies.
    let optimism = 31 / 2 * 1.4427 * (growth - 1)
    return [
      (growth * member.bits(for: counts), .family(shape: law.shape, scale: law.scale)),
      (growth * explicitBits + optimism + 8 * Double(1 + explicit.encoded().count), .explicit(explicit)),
    ]
  }
}

extension ByteWriter {
  mutating func append(_ model: DitherModel) {
    switch model.table {
    case .family(let shape, let scale): append(UInt16(model.rawBits | shape << 4 | scale << 7))
    case .explicit(let distribution):
      let table = distribution.encoded()
      append(UInt16(model.rawBits | 1 << 15))
      append(UInt8(table.count))
      append(table)
    }
  }
}

extension ByteReader {
  mutating func ditherModel(layer: String, tier: KernelTier = .active) throws(WireFormatError) -> DitherModel {
    let head = Int(try next(UInt16.self))
    let rawBits = head & 15
    guard rawBits <= DitheredBlock.mostRawBits else { throw .invalidModel(layer: layer) }
    if head & 1 << 15 == 0 {
      guard head >> 13 == 0 else { throw .invalidModel(layer: layer) }
      return DitherModel(rawBits: rawBits, table: .family(shape: head >> 4 & 7, scale: head >> 7 & 63), tier: tier)
    }
    guard head & 0x7FF0 == 0 else { throw .invalidModel(layer: layer) }
    let size: UInt8 = try next()
    let table = try slice(Int(size))
    guard let distribution = try? SymbolDistribution(decoding: table),
      distribution.symbolCount == DitheredBlock.numberCount
    else { throw .invalidModel(layer: layer) }
    return DitherModel(rawBits: rawBits, table: .explicit(distribution), tier: tier)
  }
}
