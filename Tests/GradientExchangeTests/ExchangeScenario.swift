import Collectives
import EntropyCoding
import GradientExchange
import LaminaNumerics
import Quantization
import RealModule
import WireFormat

/// A small layered vector with a law per layer, and how workers exchange it.
struct ExchangeScenario: Sendable, CustomStringConvertible {
  var method = AdaptationMethod.alq
  var model = EstimateModel.histogram
  var grouping = LevelGrouping.layerWise
  var coding = CodingProtocol.main
  var code = LayerCode.Kind.fixedWidth
  var norm = Norm.max
  var scope = NormScope.bucket(128)
  var schedule = LevelSchedule(early: [1], interval: 3, window: 1)
  var options = ExchangeOptions()
  var isExact = false
  /// Dithers what is not exact, in the place of levels.
  var dither: DitheredQuantizer.Step?
  /// Rotates what is not exact, in the place of levels.
  var rotation: EDENQuantizer?
  /// The budget of dithered types, and the width that types with levels share out.
  var bits: Double?
  var sharedWidth: Int?

  var description: String {
    if let dither { return "dithered \(dither), \(bits.map { "\($0) bits" } ?? "fixed")" }
    if let rotation { return "rotated, \(rotation.bits) bits, blocks of \(rotation.blockSize)" }
    if let sharedWidth { return "\(method.rawValue), \(sharedWidth) bits shared out" }
    return levelDescription
  }

  private var levelDescription: String {
    "\(method.rawValue) \(model.rawValue) \(grouping.rawValue) \(coding) \(code.rawValue) \(norm) \(scope)"
  }

  /// Sizes with tails of buckets, two layers of one type, and two types that travel exactly.
  static let parameters: [(name: String, count: Int)] = [
    ("g.linear.weight", 300), ("g.linear.bias", 5), ("g.conv.weight", 411), ("g.norm.weight", 3),
    ("c.conv.weight", 257), ("c.head.weight", 130),
  ]

  var plan: QuantizationPlan {
    get throws {
      let map = try LayerMap(parameters: Self.parameters)
      let rounded = dither.map { LayerPlan.dithered(DitheredQuantizer(step: $0)) } ?? rotation.map(LayerPlan.rotated)
      if let rounded {
        let plans = map.types.map { ($0, $0.isExactByDefault ? .exact : rounded) }
        return try QuantizationPlan(map: map, plans: Dictionary(uniqueKeysWithValues: plans), seed: 11)
      }
      let levels = method.startingLevels(interiorCount: method == .amq ? 7 : 6)
      let quantizer = LevelQuantizer(levels: levels, norm: norm, scope: scope)
      return try QuantizationPlan(map: map, quantizer: quantizer, code: code, coding: coding, seed: 11) {
        isExact || $0.isExactByDefault
      }
    }
  }

  var agreement: LevelAgreement {
    LevelAgreement(
      method: method, model: model, grouping: grouping, sharedWidth: sharedWidth, bits: bits, schedule: schedule)
  }

  /// The vector of a worker: Laplace in one layer, normal in the others, each layer with its own scale.
  static func vector(rank: Int, step: UInt64) -> [Float] {
    var stream = RandomStream(key: RandomKey(seed: 5).folding(step).folding(UInt64(rank)))
    var values: [Float] = []
    for (layer, (_, count)) in parameters.enumerated() {
      let scale = Double.pow(0.2, Double(layer % 4))
      for _ in 0..<count {
        let normal = stream.nextNormal()
        let laplace = -Double.log(1 - stream.nextUnit()) * (normal < 0 ? -1 : 1)
        values.append(Float(scale * (layer == 2 ? laplace : normal)))
      }
    }
    return values
  }

  func exchange<Group: Collective>(_ group: Group) throws -> QuantizedExchange<Group> {
    QuantizedExchange(plan: try plan, group: group, agreement: agreement, options: options)
  }
}

/// All that a rank saw of one exchange, as exact bits.
struct ExchangeTrace: Hashable, Sendable {
  let mean: [UInt32]
  let squaredNorms: UInt64
  let squaredChanges: UInt64
  let squaredError: UInt64
  let squaredNorm: UInt64
  let plan: [UInt8]
  let epoch: UInt32
  let traffic: TrafficReport

  init<Group: Collective>(_ exchanged: ExchangedMean, _ exchange: QuantizedExchange<Group>) {
    mean = exchanged.mean.map(\.bitPattern)
    squaredNorms = exchanged.squaredNorms.bitPattern
    squaredChanges = exchanged.squaredChanges.bitPattern
    squaredError = exchanged.squaredError.bitPattern
    squaredNorm = exchanged.squaredNorm.bitPattern
    plan = exchange.plan.encoded()
    epoch = exchange.plan.levelEpoch
    traffic = exchange.traffic
  }
}

extension ExchangeScenario {
  /// What every rank saw, in rank order, step by step.
  func traces(workers: Int, steps: Range<UInt64>, from states: [ExchangeState]? = nil) throws -> [[ExchangeTrace]] {
    try InProcessCollective.run(worldSize: workers) { group in
      var exchange = try exchange(group)
      if let states { try exchange.restore(states[group.rank]) }
      return try steps.map { step in
        ExchangeTrace(try exchange.average(Self.vector(rank: group.rank, step: step), step: step), exchange)
      }
    }
  }
}

/// The vector in a frame, by the definition: norm times level, bucket by bucket, with nothing of the exchange's own
/// decoding but the parsing of the frame.
func decodedByDefinition(
  _ frame: [UInt8], plan: QuantizationPlan, step: UInt64, rank: Int
) throws -> [Float] {
  var reader = try FrameReader(frame[...], plan: plan, step: step, rank: rank)
  let vectorNorm = plan.vectorNorm == nil ? nil : try reader.vectorNorm()
  var values: [Float] = []
  for layer in PreparedPlan(plan).layers {
    let count = layer.layer.range.count
    guard let quantizer = layer.quantizer else {
      var exact: [Float] = []
      try reader.exact(count, into: &exact)
      values += exact
      continue
    }
    var symbols = LevelSymbols()
    try reader.symbols(of: layer, vectorNorm: vectorNorm, into: &symbols)
    let size =
      switch quantizer.scope {
      case .vector, .layer: count
      case .bucket(let size): size
      }
    var exact = symbols.exact[...]
    for index in 0..<count {
      let norm = symbols.norms[index / size]
      if norm.isNaN {
        values.append(exact.removeFirst())
        continue
      }
      let symbol = symbols.symbols[index]
      let isNegative = !quantizer.levels.areSigned && symbol & 0x80 != 0
      let level = quantizer.levels.values[Int(quantizer.levels.areSigned ? symbol : symbol & 0x7F)]
      values.append(norm * (isNegative ? -level : level))
    }
  }
  try reader.finish()
  return values
}
