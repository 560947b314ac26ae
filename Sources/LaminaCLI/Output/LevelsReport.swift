import EntropyCoding
import Foundation
import LaminaNumerics
import Quantization

/// What levels are and cost under a law, for people and for machines.
struct LevelsReport: Encodable {
  private enum CodingKeys: String, CodingKey {
    case levels, multiplier, expectedVariance, probabilities, entropyBits, huffmanLengths, huffmanBits
  }

  let levels: [Double]
  let multiplier: Double?
  let expectedVariance: Double
  let probabilities: [Double]
  let entropyBits: Double
  let huffmanLengths: [Int]
  let huffmanBits: Double
  private let signBits: Double

  init<Law: BoundedDistribution>(_ levels: Levels, under law: Law, hasMultiplier: Bool) {
    self.levels = levels.values.map(Double.init)
    multiplier = hasMultiplier && levels.count > 2 ? Double(levels.values[levels.count - 2]) : nil
    expectedVariance = levels.expectedVariance(under: law)
    let probabilities = levels.symbolProbabilities(under: law)
    self.probabilities = probabilities
    entropyBits = entropyInBits(of: probabilities)
    let lengths = HuffmanCode(SymbolDistribution(probabilities: probabilities)).lengths.map(Int.init)
    huffmanLengths = lengths
    huffmanBits = zip(probabilities, lengths).reduce(0) { $0 + $1.0 * Double($1.1) }
    signBits = levels.areSigned ? 0 : 1 - probabilities[0]
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(levels, forKey: .levels)
    try container.encode(JSONNumber(multiplier), forKey: .multiplier)
    try container.encode(expectedVariance, forKey: .expectedVariance)
    try container.encode(probabilities, forKey: .probabilities)
    try container.encode(entropyBits, forKey: .entropyBits)
    try container.encode(huffmanLengths, forKey: .huffmanLengths)
    try container.encode(huffmanBits, forKey: .huffmanBits)
  }

  func printText() {
    print("level            probability      bits")
    for (index, level) in levels.enumerated() {
      print(String(format: "%-16.9g %-16.9g %d", level, probabilities[index], huffmanLengths[index]))
    }
    if let multiplier { print("multiplier         \(Figure.full(multiplier))") }
    print("expected variance  \(Figure.full(expectedVariance)) per coordinate, in units of the squared norm")
    print("entropy            \(Figure.short(entropyBits)) bits")
    print("Huffman code       \(Figure.short(huffmanBits)) bits, \(Figure.short(huffmanBits + signBits)) with signs")
  }
}
