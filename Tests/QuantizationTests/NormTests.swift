import LaminaNumerics
import Quantization
import RealModule
import Testing

@Suite struct NormTests {
  @Test("Norms equal their definitions, whatever the number of coordinates", arguments: normZoo)
  func definitions(_ norm: Norm) {
    for size in sizeZoo {
      for vector in vectorZoo(count: size, key: RandomKey(seed: 15)) where vector.values.allSatisfy(\.isFinite) {
        let magnitudes = vector.values.map { Double($0.magnitude) }
        let largest = magnitudes.max() ?? 0
        let q = norm.exponent
        let expected =
          largest == 0 || q == .infinity
          ? largest : largest * Double.pow(magnitudes.reduce(0) { $0 + Double.pow($1 / largest, q) }, 1 / q)
        let found = norm.value(vector.values)
        if expected > Double(Float.greatestFiniteMagnitude) {
          #expect(found == .infinity)
        } else {
          #expect(abs(Double(found) - expected) <= Double(Float(expected).ulp), "\(vector.name), \(size)")
        }
      }
    }
  }

  @Test("A coordinate that is not finite makes the norm so", arguments: normZoo)
  func notFinite(_ norm: Norm) {
    for special in [Float.nan, .infinity, -.infinity] {
      for place in [0, 15, 16, 99] {
        var values = [Float](repeating: 1, count: 100)
        values[place] = special
        #expect(!norm.value(values).isFinite)
      }
    }
  }

  @Test("An exponent that has a name of its own is that norm in a quantizer")
  func names() {
    for (norm, name) in [(Norm.lq(1), Norm.l1), (.lq(2), .l2), (.lq(.infinity), .max), (.lq(3), .lq(3))] {
      #expect(LevelQuantizer(levels: .ternary, norm: norm).norm == name)
    }
  }
}
