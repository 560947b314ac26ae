import Testing
import LaminaNumerics
import Quantization

/// Level sequences of every kind: both supports, with zero and without, short ones that kernels count through and long
/// ones that they search.
struct LevelZoo {
  let name: String
  let levels: Levels

  static let magnitudes: [LevelZoo] = [
    LevelZoo(name: "ternary", levels: .ternary),
    LevelZoo(name: "uniform 4", levels: .uniform(intervals: 4)),
    LevelZoo(name: "uniform 127", levels: .uniform(intervals: 127)),
    LevelZoo(name: "exponential ½", levels: .exponential(multiplier: 0.5, interiorCount: 3)),
    LevelZoo(name: "exponential 0.9", levels: .exponential(multiplier: 0.9, interiorCount: 100)),
    LevelZoo(name: "adapted", levels: made([0, 0.034873, 0.076545, 0.148611, 1])),
    LevelZoo(name: "tiny first level", levels: made([0, 0x1p-125, 0x1p-60, 0.5, 1])),
  ]

  static let signed: [LevelZoo] = [
    LevelZoo(name: "sign", levels: Levels.ternary.mirroredWithoutZero()),
    LevelZoo(name: "mirrored", levels: Levels.exponential(multiplier: 0.4, interiorCount: 6).mirroredWithoutZero()),
    LevelZoo(name: "asymmetric", levels: made([-1, -0.3, 0.05, 0.2, 0.75, 1])),
    LevelZoo(name: "signed with zero", levels: made([-1, -0.25, 0, 0.25, 1])),
    LevelZoo(
      name: "signed 256", levels: made((0..<256).map { Float($0 - 128) / 128 + ($0 == 0 ? 0 : Float(1) / 128) })),
  ]

  static let all = magnitudes + signed
}

extension LevelZoo: CustomTestStringConvertible, Sendable {
  var testDescription: String { name }
}

/// A level sequence that is known to be one.
func made(_ values: [Float]) -> Levels {
  do { return try Levels(values) } catch { preconditionFailure("\(error)") }
}

let normZoo: [Norm] = [.l1, .lq(1.5), .l2, .lq(3), .max]

let sizeZoo = [0, 1, 2, 7, 31, 32, 33, 511, 512, 513, 1023, 1024, 1025, 2048 + 17]

/// Vectors of `count` coordinates: random ones, and those that break quantizers.
func vectorZoo(count: Int, key: RandomKey) -> [(name: String, values: [Float])] {
  var stream = RandomStream(key: key)
  var gaussian = [Float](repeating: 0, count: count)
  for i in gaussian.indices { gaussian[i] = Float(stream.nextNormal()) }
  var wide = gaussian
  for i in wide.indices { wide[i] *= Float(sign: .plus, exponent: Int(stream.next() % 60) - 30, significand: 1) }
  var one = [Float](repeating: 0, count: count)
  if count > 0 { one[count / 2] = -3 }
  func with(_ special: Float) -> [Float] { gaussian.indices.map { $0 % 97 == 5 ? special : gaussian[$0] } }
  return [
    ("gaussian", gaussian), ("wide", wide), ("one coordinate", one),
    ("zeros", [Float](repeating: 0, count: count)),
    ("negative zeros", [Float](repeating: -0.0, count: count)),
    ("equal", [Float](repeating: 0.37, count: count)),
    ("alternating signs", (0..<count).map { $0 % 2 == 0 ? 1 : -1 }),
    ("mostly zeros", gaussian.indices.map { $0 % 13 == 0 ? gaussian[$0] : $0 % 2 == 0 ? 0 : -0.0 }),
    ("denormals", gaussian.map { $0 * 0x1p-140 }),
    ("denormals beside one", gaussian.indices.map { $0 == 0 ? 1 : gaussian[$0] * 0x1p-140 }),
    ("huge", gaussian.map { $0 * 0x1p120 }),
    ("not a number", with(.nan)), ("infinity", with(-.infinity)),
  ]
}

/// The norm N of a bucket as symbols carry it, and the buckets of a vector.
func buckets(of count: Int, size: Int) -> [Range<Int>] {
  stride(from: 0, to: count, by: max(size, 1)).map { $0..<min($0 + max(size, 1), count) }
}

// Arrays in the place of spans, which may not appear inside expectations.
extension Norm {
  func value(_ values: [Float]) -> Float { self(values.span) }
}

extension LevelQuantizer {
  func variance(_ values: [Float], vectorNorm: Float? = nil) -> Double {
    variance(of: values.span, vectorNorm: vectorNorm)
  }

  func symbols(_ values: [Float], key: RandomKey, vectorNorm: Float? = nil) -> LevelSymbols {
    quantize(values.span, key: key, vectorNorm: vectorNorm)
  }

  /// The decoded vector, added to zeros.
  func decoded(_ symbols: LevelSymbols) -> [Float] {
    var sum = [Float](repeating: 0, count: symbols.symbols.count)
    var span = sum.mutableSpan
    accumulate(symbols, into: &span)
    return sum
  }
}
