import LaminaNumerics
import Quantization
import Testing

@Suite("Level allocation")
struct LevelAllocationTests {
  private let map: LayerMap
  private let types: [LayerType] = [.convolution, .embedding, .linear]

  init() throws {
    map = try LayerMap([
      Layer(name: "conv", type: .convolution, range: 0..<3000), Layer(name: "head", type: .linear, range: 3000..<3700),
      Layer(name: "embed", type: .embedding, range: 3700..<13700),
      Layer(name: "bias", type: .bias, range: 13700..<13800),
      Layer(name: "fc", type: .linear, range: 13800..<16000),
    ])
  }

  private func quantizers(_ levels: Levels) -> [LayerType: LevelQuantizer] {
    Dictionary(
      uniqueKeysWithValues: types.map { ($0, LevelQuantizer(levels: levels, norm: .max, scope: .bucket(500))) })
  }

  /// Vectors of the layers: laws and scales differ by type.
  private func vectors(of type: LayerType) -> [[Float]] {
    let (law, scale): (SampleLaw, Float) =
      switch type {
      case .convolution: (.gaussian, 1)
      case .embedding: (.student3, 0.02)
      default: (.laplace, 0.3)
      }
    var stream = RandomStream(key: RandomKey(seed: 53).folding(UInt64(type.rawValue.utf8.count)))
    return map.layers.filter { $0.type == type }.map { layer in
      layer.range.map { _ in Float(law.draw(&stream)) * scale }
    }
  }

  private func pooled(signed: Bool = false) -> [LayerType: ChosenEstimate] {
    var pooled: [LayerType: ChosenEstimate] = [:]
    for type in types {
      var histogram = Histogram(weighting: .squaredNorm, support: signed ? .signed : .magnitudes)
      for vector in vectors(of: type) {
        for range in buckets(of: vector.count, size: 500) {
          let norm = Norm.max.value(Array(vector[range]))
          let unit = vector[range].map { $0 / norm }
          histogram.observe(unit.span, norm: norm)
        }
      }
      pooled[type] = .histogram(histogram)
    }
    return pooled
  }

  @Test("Candidates have the widths asked for, and the errors and bits that the quantizer has on the data")
  func candidates() throws {
    for levels in [Levels.uniform(intervals: 7), .ternary.mirroredWithoutZero(), made([-1, 0, 1])] {
      let groups = try LevelGroup.groups(
        of: map, quantizers: quantizers(levels), statistics: pooled(), widths: 1...8)
      #expect(groups.map(\.type) == types && groups.map(\.coordinates) == [3000, 10000, 2900])
      for group in groups {
        let widths = group.candidates.map(\.levels.fieldWidth)
        #expect(widths == Array((levels.areSigned && !levels.containZero ? 1 : 2)...8))
        let vectors = vectors(of: group.type)
        let norm = vectors.joined().reduce(0) { $0 + Double($1) * Double($1) }
        #expect(abs(group.squaredNorm / norm - 1) < 1e-3)
        for candidate in group.candidates {
          #expect(candidate.levels.areSigned == levels.areSigned)
          #expect(candidate.levels.containZero == levels.containZero)
          let quantizer = LevelQuantizer(levels: candidate.levels, norm: .max, scope: .bucket(500))
          let error = vectors.reduce(0) { $0 + quantizer.variance($1) }
          #expect(abs(candidate.squaredError / error - 1) < 0.02, "\(group.type), \(candidate.levels.fieldWidth)")
          let norms = vectors.reduce(0) { $0 + ($1.count + 499) / 500 }
          #expect(candidate.bits == Double(group.coordinates * candidate.levels.fieldWidth + 32 * norms))
        }
        for (wide, narrow) in zip(group.candidates.dropFirst(), group.candidates) {
          #expect(wide.squaredError < narrow.squaredError)
        }
      }
    }
  }

  @Test(
    "Fact 18: the error is never above that of any one width within its bits, and its bits never above within its error"
  )
  func neverWorseThanTheDefault() throws {
    let groups = try LevelGroup.groups(
      of: map, quantizers: quantizers(.uniform(intervals: 7)), statistics: pooled())
    for width in 2...8 {
      let defaults = try groups.map { group in
        try #require(group.candidates.first { $0.levels.fieldWidth == width })
      }
      let (bits, error) = defaults.reduce((0, 0)) { ($0.0 + $1.bits, $0.1 + $1.squaredError) }
      let norm = groups.reduce(0) { $0 + $1.squaredNorm }
      let budget = ModelBudget(bitsPerCoordinate: (bits + 3200 + 64) / 16000, exactCoordinates: 100, overheadBits: 64)
      let least = try LevelAllocation.leastError(of: groups, within: budget)
      #expect(least.relativeError <= error / norm && least.bitsPerCoordinate <= budget.bitsPerCoordinate)
      let fewest = try LevelAllocation.fewestBits(of: groups, asGoodAsWidth: width)
      #expect(fewest.relativeError <= error / norm && fewest.bitsPerCoordinate * 15900 <= bits * (1 + 1e-12))
      let loose = try LevelAllocation.fewestBits(of: groups, asGoodAsWidth: width, factor: 4)
      #expect(loose.relativeError <= 4 * error / norm && loose.bitsPerCoordinate <= fewest.bitsPerCoordinate)
      if (3...7).contains(width) {
        // The embedding is large and quiet: it gives bits away, and both forms gain.
        #expect(least.relativeError < 0.8 * error / norm && fewest.bitsPerCoordinate * 15900 < 0.9 * bits)
        #expect(least.shares[1].width < least.shares[0].width)
      }
      for found in [least, fewest] {
        #expect(abs(found.shares.reduce(0) { $0 + $1.shareOfBits } - 1) < 1e-12)
        #expect(abs(found.shares.reduce(0) { $0 + $1.shareOfError } - 1) < 1e-12)
      }
    }
  }

  @Test("Under an entropy coder bits are the entropy of the symbols and their signs")
  func entropyRate() throws {
    let statistics = pooled()
    let groups = try LevelGroup.groups(
      of: map, quantizers: quantizers(.uniform(intervals: 7)), statistics: statistics, widths: 2...5, rate: .entropy)
    let law = try #require(statistics[.convolution]).distribution()
    for candidate in groups[0].candidates {
      let p = candidate.levels.symbolProbabilities(under: law)
      let bits = (candidate.bits - 32 * 6) / 3000
      #expect(abs(bits - entropyInBits(of: p) - (1 - p[0])) < 1e-9)
      #expect(bits <= Double(candidate.levels.fieldWidth))
    }
    let found = try LevelAllocation.leastError(of: groups, within: ModelBudget(bitsPerCoordinate: 3))
    #expect(found.bitsPerCoordinate <= 3)
  }

  @Test("Signed statistics serve every form")
  func signedStatistics() throws {
    for levels in [Levels.uniform(intervals: 3), .ternary.mirroredWithoutZero(), made([-1, -0.2, 0.1, 1])] {
      let groups = try LevelGroup.groups(
        of: map, quantizers: quantizers(levels), statistics: pooled(signed: true), widths: 2...4)
      #expect(groups.allSatisfy { $0.candidates.map(\.levels.fieldWidth) == [2, 3, 4] })
    }
  }

  @Test("What cannot be allocated says why")
  func refusals() throws {
    let quantizers = quantizers(.uniform(intervals: 7))
    var statistics = pooled()
    let groups = try LevelGroup.groups(of: map, quantizers: quantizers, statistics: statistics, widths: 3...5)
    #expect(throws: AllocationError.noDefault(width: 6, types)) {
      try LevelAllocation.fewestBits(of: groups, asGoodAsWidth: 6)
    }
    #expect(throws: AllocationError.self) {
      try LevelAllocation.leastError(of: groups, within: ModelBudget(bitsPerCoordinate: 3))
    }
    statistics[.linear] = ChosenEstimate(weighting: .unweighted, support: .magnitudes)
    #expect(throws: AllocationError.needsSquaredNorms([.linear])) {
      try LevelGroup.groups(of: map, quantizers: quantizers, statistics: statistics)
    }
    statistics[.linear] = ChosenEstimate()
    #expect(throws: AllocationError.noObservations([.linear])) {
      try LevelGroup.groups(of: map, quantizers: quantizers, statistics: statistics)
    }
    #expect(throws: AllocationError.levels(.convolution, .needsLevelsWithoutZero)) {
      try LevelGroup.groups(of: map, quantizers: quantizers, statistics: pooled(), method: .amq)
    }
  }
}
