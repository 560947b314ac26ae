import EntropyCoding
import LaminaNumerics
import Quantization
import Testing
import WireFormat

/// The way straight from coordinates to bytes and into sums against the general one, byte for byte, on every tier.
@Suite struct PackedLayerCoderTests {
  private static let sizes = [1, 511, 1024, 4096 + 1024 + 77]
  private static let scopes: [NormScope] = [
    .bucket(1024), .bucket(128), .bucket(100), .bucket(1), .layer, .vector,
  ]
  private static let sequences: [Levels] = [
    .uniform(intervals: 7), .uniform(intervals: 127), .ternary, .exponential(multiplier: 0.6, interiorCount: 14),
    Levels.exponential(multiplier: 0.7, interiorCount: 15).mirroredWithoutZero(),
    .exponential(multiplier: 0.9, interiorCount: 60),
  ]

  @Test("Norms, fields and sums are those of the general way", arguments: KernelTier.supported)
  func everyLayer(_ tier: KernelTier) {
    for levels in Self.sequences {
      for scope in Self.scopes {
        for size in Self.sizes {
          let quantizer = LevelQuantizer(levels: levels, norm: size % 2 == 0 ? .max : .l2, scope: scope)
          let layer = Layer(quantizer, values: Self.values(size), tier: tier)
          let found = layer.encoded(stripes: [0..<size])
          #expect(found == layer.expected(), "\(tier), \(levels.count) levels, \(scope), \(size)")
          #expect(layer.sums(of: found, isFirst: false) == layer.expectedSums(onto: layer.before))
          #expect(layer.sums(of: found, isFirst: true) == layer.expectedSums(onto: layer.before.map { _ in 0 }))
        }
      }
    }
  }

  @Test("Stripes make the bytes and the sums of the whole layer", arguments: scopes)
  func stripes(_ scope: NormScope) {
    for levels in Self.sequences {
      let quantizer = LevelQuantizer(levels: levels, scope: scope)
      let size = 3 * PackedLayerCoder(quantizer).stripe(in: 100_000) + 777
      let layer = Layer(quantizer, values: Self.values(size), tier: .active)
      let width = layer.coder.stripe(in: size)
      let stripes = stride(from: 0, to: size, by: width).map { $0..<min($0 + width, size) }
      #expect(layer.encoded(stripes: stripes.reversed()) == layer.encoded(stripes: [0..<size]))
    }
  }

  @Test("Buckets without an ordinary norm are reported")
  func unusualNorms() {
    let quantizer = LevelQuantizer(levels: .uniform(intervals: 7), scope: .bucket(64))
    for (special, isOrdinary) in [(Float.nan, false), (.infinity, false), (0x1p-120, false), (0, false), (1, true)] {
      let values = Self.values(64) + [Float](repeating: special, count: 64) + Self.values(64)
      let layer = Layer(quantizer, values: values, tier: .active)
      var norms = [UInt8](repeating: 0, count: 12)
      let found = norms.withUnsafeMutableBytes { norms in
        values.withUnsafeBufferPointer { layer.coder.writeNorms(of: $0, stripe: 0..<192, into: norms) }
      }
      #expect(found == isOrdinary)
    }
  }

  @Test("A field that is no symbol is refused", arguments: KernelTier.supported)
  func damagedField(_ tier: KernelTier) {
    let quantizer = LevelQuantizer(levels: .exponential(multiplier: 0.5, interiorCount: 3), scope: .bucket(512))
    let layer = Layer(quantizer, values: Self.values(1024 + 9), tier: tier)
    let sound = layer.encoded(stripes: [0..<1033])
    for place in [0, 300, sound.fields.count - 2] {
      var damaged = sound
      damaged.fields[place] = 0xFF
      #expect(layer.sums(of: damaged, isFirst: true) == nil)
    }
  }

  private static func values(_ count: Int) -> [Float] {
    var stream = RandomStream(key: RandomKey(seed: UInt64(count)))
    return (0..<count).map { _ in Float(stream.nextNormal()) }
  }
}

/// A layer with both ways to code it.
private struct Layer {
  struct Bytes: Equatable {
    var norms: [UInt8]
    var fields: [UInt8]
    var decoded: [UInt32]
  }

  let coder: PackedLayerCoder
  let values: [Float]
  let before: [Float]
  private let key = RandomKey(seed: 8)
  private let symbols: LevelSymbols

  init(_ quantizer: LevelQuantizer, values: [Float], tier: KernelTier) {
    coder = PackedLayerCoder(quantizer, tier: tier)
    self.values = values
    before = values.indices.map { Float($0) * 0.5 - 40 }
    symbols = quantizer.quantize(values.span, key: RandomKey(seed: 8))
  }

  /// The bytes by both forms of encoding, which must agree.
  func encoded(stripes: [Range<Int>]) -> Bytes {
    var norms = [UInt8](repeating: 0, count: 4 * symbols.norms.count)
    var fields = [UInt8](repeating: 0xAA, count: coder.packing.byteCount(of: values.count))
    var again = fields
    var decoded = before
    values.withUnsafeBufferPointer { values in
      norms.withUnsafeMutableBytes { norms in
        for stripe in stripes { #expect(coder.writeNorms(of: values, stripe: stripe, into: norms)) }
        let norms = UnsafeRawBufferPointer(norms)
        for stripe in stripes {
          fields.withUnsafeMutableBytes { _ = coder.encode(values, stripe: stripe, key: key, norms: norms, into: $0) }
          again.withUnsafeMutableBytes { again in
            decoded.withUnsafeMutableBufferPointer {
              _ = coder.encode(
                values, stripe: stripe, key: key, norms: norms, into: again,
                decoded: DecodedLayer(values: $0, before: values))
            }
          }
        }
      }
    }
    #expect(fields == again)
    return Bytes(norms: norms, fields: fields, decoded: decoded.map(\.bitPattern))
  }

  func expected() -> Bytes {
    var fields = [UInt8](repeating: 0, count: coder.packing.byteCount(of: values.count))
    fields.withUnsafeMutableBytes { target in
      symbols.symbols.withUnsafeBufferPointer { coder.packing.pack($0, into: target, tier: .portable) }
    }
    let norms = symbols.norms.flatMap { norm in (0..<4).map { UInt8(truncatingIfNeeded: norm.bitPattern >> (8 * $0)) } }
    return Bytes(norms: norms, fields: fields, decoded: expectedSums(onto: values.map { _ in 0 }))
  }

  func expectedSums(onto start: [Float]) -> [UInt32] {
    var sums = start
    var span = sums.mutableSpan
    coder.quantizer.accumulate(symbols, into: &span)
    return sums.map(\.bitPattern)
  }

  /// The sums, nil where a field is refused.
  func sums(of bytes: Bytes, isFirst: Bool) -> [UInt32]? {
    var sums = before
    let isSound = sums.withUnsafeMutableBufferPointer { sums in
      bytes.norms.withUnsafeBytes { norms in
        bytes.fields.withUnsafeBytes {
          coder.accumulate($0, stripe: 0..<sums.count, norms: norms, into: sums, isFirst: isFirst)
        }
      }
    }
    return isSound ? sums.map(\.bitPattern) : nil
  }
}
