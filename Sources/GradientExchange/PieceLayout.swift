import LaminaNumerics
import Quantization
import WireFormat

/// Where a vector is cut for a scatter-reduce: into rounds, and each round into one piece for every rank.
///
/// Cuts fall between buckets, or between the rows of fields where layers have no buckets, as near to equal parts as
/// that allows. Pieces may be empty where a vector has fewer buckets than there are ranks. A round is what is under way
/// at once: while the pieces of one travel, the next are encoded.
package struct PieceLayout: Hashable, Sendable {
  /// The coordinates of piece r of each round, which rank r reduces.
  package let rounds: [[Range<Int>]]

  private static let mostRounds = 64

  /// The layout for `worldSize` ranks.
  ///
  /// - Parameters:
  ///   - plan: The layers, and the buckets of their types.
  ///   - worldSize: The number of ranks, K.
  ///   - pieceSize: The coordinates that a piece aims to have.
  package init(plan: QuantizationPlan, worldSize: Int, pieceSize: Int) {
    let dimension = plan.map.dimension
    let count = min(max((dimension + worldSize * pieceSize / 2) / (worldSize * pieceSize), 1), Self.mostRounds)
    let total = count * worldSize
    var cuts = [0]
    var layers = plan.map.layers[...]
    for number in 1..<max(total, 1) {
      let wanted = dimension / total * number + dimension % total * number / total
      while let first = layers.first, first.range.upperBound <= wanted { layers.removeFirst() }
      cuts.append(layers.first.map { Self.cut($0, near: wanted, plan: plan) } ?? dimension)
    }
    cuts.append(dimension)
    rounds = (0..<count).map { round in
      (0..<worldSize).map { cuts[round * worldSize + $0]..<cuts[round * worldSize + $0 + 1] }
    }
  }

  /// The end of a bucket of `layer` that is nearest to the coordinate `wanted` in it.
  private static func cut(_ layer: Layer, near wanted: Int, plan: QuantizationPlan) -> Int {
    let unit = plan.plans[layer.type]?.cutUnit ?? 1
    let start = layer.range.lowerBound
    return min(start + (wanted - start + unit / 2) / unit * unit, layer.range.upperBound)
  }
}

extension LayerPlan {
  /// Layers of this plan may be cut at multiples of so many coordinates.
  fileprivate var cutUnit: Int {
    switch self {
    case .exact: 32
    case .levels(let quantizer, _):
      if case .bucket(let size) = quantizer.scope { size } else { DitheredQuantizer.usualBucketSize }
    case .dithered(let quantizer): quantizer.bucketSize
    case .rotated(let quantizer): quantizer.blockSize
    }
  }
}

extension QuantizationPlan {
  /// The plan of the coordinates in `range`, which is a vector of its own: parts of layers are layers with their names
  /// and types, and its draws differ from those of every other piece.
  ///
  /// - Parameters:
  ///   - range: Coordinates of the vector, not empty.
  ///   - number: The number of the piece among all.
  /// - Returns: The plan.
  package func piece(_ range: Range<Int>, number: Int) -> QuantizationPlan {
    precondition(coding == .main, "Under the Alternating protocol the types of a piece cannot be without the others")
    let parts = map.layers.compactMap { layer -> Layer? in
      let part = layer.range.clamped(to: range)
      guard !part.isEmpty else { return nil }
      return Layer(
        name: layer.name, type: layer.type,
        range: part.lowerBound - range.lowerBound..<part.upperBound - range.lowerBound)
    }
    let types = Set(parts.map(\.type))
    guard let map = try? LayerMap(parts),
      let plan = try? QuantizationPlan(
        map: map, plans: plans.filter { types.contains($0.key) }, coding: coding,
        seed: RandomKey(seed: seed).folding(Self.pieceLabel).folding(UInt64(number)).word, levelEpoch: levelEpoch)
    else { preconditionFailure("The piece \(range) is not part of a vector of \(map.dimension) coordinates") }
    return plan
  }

  /// Folds pieces apart from everything else that a seed names: "pieces" in ASCII.
  private static var pieceLabel: UInt64 { 0x7069_6563_6573 }
}
