import LaminaNumerics
import Quantization
import WireFormat

extension InputBytes {
  /// A plan of up to four layers of any kind; nil where the choices do not fit each other.
  mutating func plan() -> QuantizationPlan? {
    let types: [LayerType] = [.convolution, .linear, .bias, .embedding]
    var recipe = PlanRecipe(layers: [], quantizers: [:])
    recipe.coding = pick(CodingProtocol.allCases)
    recipe.code = pick(LayerCode.Kind.allCases)
    recipe.seed = UInt64(byte())
    recipe.weight = weight()
    let norm = pick([Norm.max, .l1, .l2, .lq(1.5)])
    for number in 0...choice(4) { recipe.layers.append(("layer\(number)", pick(types), size())) }
    for type in types {
      switch choice(5) {
      case 0: break
      case 1, 2: recipe.quantizers[type] = LevelQuantizer(levels: levels(), norm: norm, scope: scope())
      case 3: recipe.dithered[type] = DitheredQuantizer(step: step())
      default: recipe.rotated[type] = rotation()
      }
    }
    return try? recipe.plan()
  }

  /// Mostly small; now and then large enough for several lanes of rANS.
  mutating func size() -> Int {
    switch byte() {
    case 0..<160: 1 + Int(byte())
    case 160..<250: 1 + number() % 2100
    case 250..<254: 4096 + number() % 5000
    default: 32_768 + number() % 1100
    }
  }

  mutating func scope() -> NormScope {
    switch choice(8) {
    case 0: .vector
    case 1: .layer
    case 2: .bucket(512)
    case 3: .bucket(1024)
    case 4: .bucket(NormScope.largestBucket)
    default: .bucket(1 + Int(byte()))
    }
  }

  mutating func levels() -> Levels {
    let count = choice(127)
    switch choice(6) {
    case 0: return .uniform(intervals: 1 + count)
    case 1: return .exponential(multiplier: 0.5, interiorCount: min(count, 120))
    case 2: return .exponential(multiplier: 0.9, interiorCount: count)
    case 3: return .ternary
    case 4: return Levels.uniform(intervals: 1 + count).mirroredWithoutZero()
    default:
      let interior = Set(slice(count).map { (Float($0) - 127) / 128 })
      let signed = interior.contains { $0 < 0 }
      let values = interior.union([1, signed ? -1 : 0]).sorted()
      return (try? Levels(values)) ?? .ternary
    }
  }

  private mutating func step() -> DitheredQuantizer.Step {
    // Powers of two and what lies between, over the whole range of steps now and then.
    let exponent = choice(8) == 0 ? choice(33) - 16 : choice(10) - 7
    let factor = Float(sign: .plus, exponent: exponent, significand: 1 + Float(byte()) / 256)
    let relative = min(factor, DitheredQuantizer.relativeSteps.upperBound)
    return choice(3) == 0 ? .agreed(factor) : .relative(relative, scope())
  }

  private mutating func rotation() -> EDENQuantizer {
    EDENQuantizer(bits: 1 + choice(8), blockSize: 128 << choice(10), rounds: 1 + choice(4))
  }

  private mutating func weight() -> (Int) -> Double {
    switch choice(4) {
    case 0: { 1 / Double($0 + 1) }
    case 1: { _ in 1 }
    case 2: { 1 / Double(1 << min($0, 60)) }
    default: { $0 == 0 ? 1 : 0 }
    }
  }
}
