import LaminaNumerics
import Quantization
import Testing

/// The laws that `UnbiasedQuantizer` states, for every kind of quantizer that conforms to it.
@Suite struct UnbiasedQuantizerTests {
  private static let dimension = 300
  private static let draws = 3000
  private let key = RandomKey(seed: 41)

  @Test(
    "E Q(v) = v in any direction, within 5 standard errors, and the error is within its bound", arguments: Specimen.all)
  func meanAndError(_ specimen: Specimen) {
    for vector in Self.vectors { checkMean(specimen.quantizer, vector.values, "\(specimen.name), \(vector.name)") }
  }

  @Test("The same key gives the same vector, and another key another one", arguments: Specimen.all)
  func keys(_ specimen: Specimen) {
    let vector = Self.vectors[0].values
    let first = decoded(specimen.quantizer, vector, key: key)
    #expect(first.map(\.bitPattern) == decoded(specimen.quantizer, vector, key: key).map(\.bitPattern))
    #expect(first != decoded(specimen.quantizer, vector, key: key.folding(1)))
  }

  @Test("Zeros decode to zeros, no coordinates to none, and decoded vectors are added", arguments: Specimen.all)
  func zerosAndSums(_ specimen: Specimen) {
    for count in sizeZoo {
      let zeros = (0..<count).map { $0 % 3 == 1 ? -0.0 : 0 as Float }
      #expect(decoded(specimen.quantizer, zeros, key: key).allSatisfy { $0.bitPattern == 0 })
    }
    let vector = Self.vectors[0].values
    let once = decoded(specimen.quantizer, vector, key: key)
    let sum = decoded(specimen.quantizer, vector, key: key, addedTo: vector)
    #expect(zip(sum, zip(vector, once)).allSatisfy { $0.0 == $0.1.0 + $0.1.1 })
  }

  /// Vectors in which no coordinate is so small beside the norm that it would rarely be seen.
  private static let vectors: [(name: String, values: [Float])] = {
    let laws = SourceZoo.all.map { ($0.rawValue, $0.sample(count: dimension, key: RandomKey(seed: 42))) }
    let sparse = laws[0].1.indices.map { $0 % 13 == 0 ? laws[0].1[$0] : 0 }
    return laws + [("sparse", sparse), ("equal", [Float](repeating: 0.37, count: dimension))]
  }()

  /// Directions to look at the error from: that of the vector, which a wrong scale shows in, its signs, and any.
  private static func directions(_ vector: [Float]) -> [[Double]] {
    var stream = RandomStream(key: RandomKey(seed: 43))
    return [vector.map(Double.init), vector.map { $0 < 0 ? -1 : 1 }]
      + (0..<6).map { _ in vector.map { _ in stream.next() & 1 == 0 ? -1 : 1 } }
  }

  private func checkMean(_ quantizer: some UnbiasedQuantizer, _ vector: [Float], _ name: String) {
    let directions = Self.directions(vector)
    var errors = directions.map { _ in Moments() }
    var squares = Moments()
    for draw in 0..<Self.draws {
      let decoded = decoded(quantizer, vector, key: key.folding(UInt64(draw)))
      let error = zip(decoded, vector).map { Double($0) - Double($1) }
      for (i, direction) in directions.enumerated() {
        errors[i].add(zip(error, direction).reduce(0) { $0 + $1.0 * $1.1 })
      }
      squares.add(error.reduce(0) { $0 + $1 * $1 })
    }
    let energy = vector.reduce(0) { $0 + Double($1) * Double($1) }
    for (i, direction) in directions.enumerated() {
      // Beside chance there are the roundings of binary32, and of dither to 16 bits.
      let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let tolerance = 5 * errors[i].standardError + 0x1p-17 * length * (energy.squareRoot() + 1)
      #expect(abs(errors[i].mean) <= tolerance, "\(name), direction \(i)")
    }
    let bound = quantizer.errorBound(dimension: vector.count)
    #expect(
      squares.mean <= (bound.relative * energy + bound.absolute) * (1 + 1e-4) + 5 * squares.standardError, "\(name)")
  }

  private func decoded(
    _ quantizer: some UnbiasedQuantizer, _ vector: [Float], key: RandomKey, addedTo start: [Float]? = nil
  ) -> [Float] {
    var sum = start ?? [Float](repeating: 0, count: vector.count)
    var span = sum.mutableSpan
    quantizer.accumulate(quantizer.quantize(vector.span, key: key), key: key, into: &span)
    return sum
  }
}

/// Mean and variance of what was drawn.
private struct Moments {
  private var count = 0.0
  private var sum = 0.0
  private var squares = 0.0

  mutating func add(_ value: Double) {
    count += 1
    sum += value
    squares += value * value
  }

  var mean: Double { sum / count }
  var standardError: Double { (max(0, squares / count - mean * mean) / count).squareRoot() }
}

/// A quantizer that claims to be unbiased; a new one adds a line here and inherits all laws.
struct Specimen: CustomTestStringConvertible, Sendable {
  let name: String
  let quantizer: any UnbiasedQuantizer

  var testDescription: String { name }

  static let all: [Specimen] = levels + dithered

  private static let levels: [Specimen] = [
    ("uniform, ℓ2 of the vector", .uniform(intervals: 4), Norm.l2, NormScope.vector),
    ("exponential, max of 128", .exponential(multiplier: 0.5, interiorCount: 3), .max, .bucket(128)),
    ("ternary, max", .ternary, .max, .layer), ("ternary, ℓ1.5 of 64", .ternary, .lq(1.5), .bucket(64)),
    ("fine, ℓ1 of 7", .uniform(intervals: 127), .l1, .bucket(7)),
    ("mirrored, max of 100", Levels.uniform(intervals: 4).mirroredWithoutZero(), .max, .bucket(100)),
    ("signed with zero", made([-1, -0.25, -0.125, 0, 0.25, 1]), .l2, .layer),
  ].map { name, levels, norm, scope in
    Specimen(name: name, quantizer: LevelQuantizer(levels: levels, norm: norm, scope: scope))
  }

  private static let dithered: [Specimen] = [
    ("dithered, agreed", .agreed(0.3)), ("dithered, agreed, fine", .agreed(0x1p-7)),
    ("dithered, vector", .relative(0.5, .vector)), ("dithered, coarse", .relative(3, .layer)),
    ("dithered, buckets of 50", .relative(0.7, .bucket(50))),
  ].map { name, step in Specimen(name: name, quantizer: DitheredQuantizer(step: step)) }
}
