import LaminaNumerics
import Quantization
import WireFormat

/// The way straight from coordinates to bytes writes the norms, fields and sums of the general one, in every tier.
enum PackedLaw {
  static func check(_ bytes: inout InputBytes) throws(BrokenLaw) {
    let norm = bytes.pick([Norm.max, .l1, .l2, .lq(1.5)])
    let quantizer = LevelQuantizer(levels: bytes.levels(), norm: norm, scope: bytes.scope())
    let values = bytes.floats(bytes.size())
    let symbols = quantizer.quantize(values.span, key: RandomKey(seed: 8))
    var expectedSums = [Float](repeating: 0, count: values.count)
    var span = expectedSums.mutableSpan
    quantizer.accumulate(symbols, into: &span)
    for tier in KernelTier.supported {
      let coder = PackedLayerCoder(quantizer, tier: tier)
      let found = encoded(values, coder, normCount: symbols.norms.count)
      let norms = symbols.norms.flatMap { norm in
        (0..<4).map { UInt8(truncatingIfNeeded: norm.bitPattern >> (8 * $0)) }
      }
      try hold(found.norms == norms, "Tier \(tier) writes other norms")
      try hold(
        (found.fields != nil) == symbols.norms.allSatisfy(LevelSymbols.isOrdinary), "Tier \(tier) mistakes a norm")
      guard let fields = found.fields else { continue }
      var packed = fields.map { _ in UInt8(0) }
      packed.withUnsafeMutableBytes { target in
        symbols.symbols.withUnsafeBufferPointer { coder.packing.pack($0, into: target, tier: .portable) }
      }
      try hold(fields == packed, "Tier \(tier) writes other fields")
      try hold(sums(fields, found.norms, coder, count: values.count) == patterns(expectedSums), "Tier \(tier) adds up")
    }
  }

  /// The norms, and the fields where all norms are ordinary.
  private static func encoded(
    _ values: [Float], _ coder: PackedLayerCoder, normCount: Int
  ) -> (norms: [UInt8], fields: [UInt8]?) {
    var norms = [UInt8](repeating: 0, count: 4 * normCount)
    var fields = [UInt8](repeating: 0xAA, count: coder.packing.byteCount(of: values.count))
    let isOrdinary = values.withUnsafeBufferPointer { values in
      norms.withUnsafeMutableBytes { norms in
        guard coder.writeNorms(of: values, stripe: 0..<values.count, into: norms) else { return false }
        fields.withUnsafeMutableBytes {
          _ = coder.encode(
            values, stripe: 0..<values.count, key: RandomKey(seed: 8), norms: UnsafeRawBufferPointer(norms), into: $0)
        }
        return true
      }
    }
    return (norms, isOrdinary ? fields : nil)
  }

  private static func sums(_ fields: [UInt8], _ norms: [UInt8], _ coder: PackedLayerCoder, count: Int) -> [UInt32]? {
    var sums = [Float](repeating: 0, count: count)
    let isSound = sums.withUnsafeMutableBufferPointer { sums in
      norms.withUnsafeBytes { norms in
        fields.withUnsafeBytes { coder.accumulate($0, stripe: 0..<sums.count, norms: norms, into: sums) }
      }
    }
    return isSound ? patterns(sums) : nil
  }
}
