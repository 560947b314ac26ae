import LaminaNumerics
import Quantization
import Testing

@Suite("Randomised Hadamard rotation")
struct RandomisedHadamardTests {
  private let key = RandomKey(seed: 61)

  private func normal(_ count: Int, seed: UInt64) -> [Float] {
    var stream = RandomStream(key: RandomKey(seed: seed))
    return (0..<count).map { _ in Float(stream.nextNormal()) }
  }

  private func applied(_ rotation: RandomisedHadamard, _ values: [Float]) -> [Float] {
    var values = values
    var span = values.mutableSpan
    rotation.apply(&span, key: key)
    return values
  }

  private func inverted(_ rotation: RandomisedHadamard, _ values: [Float]) -> [Float] {
    var values = values
    var span = values.mutableSpan
    rotation.invert(&span, key: key)
    return values
  }

  /// One butterfly at a time, distance after distance, with signs read off the stream of the round.
  private func twin(_ values: [Float], rounds: Int) -> [Float] {
    var values = values
    let factor = Float(1 / Double(values.count).squareRoot())
    for round in 0..<rounds {
      var stream = RandomStream(key: key.folding(UInt64(round)))
      let words = (0...values.count / 64).map { _ in stream.next() }
      for i in values.indices { values[i] *= words[i / 64] >> UInt64(i % 64) & 1 == 1 ? -factor : factor }
      var distance = 1
      while distance < values.count {
        for i in values.indices where i & distance == 0 {
          (values[i], values[i + distance]) = (values[i] + values[i + distance], values[i] - values[i + distance])
        }
        distance *= 2
      }
    }
    return values
  }

  @Test("Fused passes do what single butterflies do, bit for bit, at every size", arguments: [1, 2, 3])
  func butterflies(rounds: Int) {
    let rotation = RandomisedHadamard(rounds: rounds)
    for exponent in 0...15 {
      for vector in vectorZoo(count: 1 << exponent, key: key) where vector.name != "huge" {
        let (found, expected) = (applied(rotation, vector.values), twin(vector.values, rounds: rounds))
        // NaNs differ in their payloads by which operand comes first.
        #expect(zip(found, expected).allSatisfy { $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN })
      }
    }
  }

  @Test("Norms stay, and the inverse gives the block back, to rounding")
  func orthonormal() {
    for (exponent, rounds) in [(0, 1), (1, 2), (5, 1), (10, 2), (13, 1), (16, 4)] {
      let rotation = RandomisedHadamard(rounds: rounds)
      let values = normal(1 << exponent, seed: 7)
      let rotated = applied(rotation, values)
      let (before, after) = (Norm.l2.value(values), Norm.l2.value(rotated))
      #expect(abs(after / before - 1) < 1e-6 * Float(rounds))
      let error = zip(inverted(rotation, rotated), values).map { $0 - $1 }
      #expect(Norm.l2.value(error) < 1e-6 * Float(rounds) * before)
      let back = zip(applied(rotation, inverted(rotation, values)), values).map { $0 - $1 }
      #expect(Norm.l2.value(back) < 1e-6 * Float(rounds) * before)
    }
  }

  @Test("A single coordinate spreads evenly, and four equal ones give the matrix of Hadamard")
  func knownValues() {
    let one = applied(RandomisedHadamard(), [Float](repeating: 0, count: 63) + [8])
    #expect(one.allSatisfy { abs($0) == 1 })
    // H₄ by rows, times the signs that the key draws for columns.
    var stream = RandomStream(key: key.folding(0))
    let word = stream.next()
    let signs = (0..<4).map { word >> UInt64($0) & 1 == 1 ? -1 : 1 as Float }
    let matrix: [[Float]] = [[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]
    let values: [Float] = [2, 4, 8, 32]
    let expected = matrix.map { row in (0..<4).reduce(0) { $0 + row[$1] * signs[$1] * values[$1] } / 2 }
    #expect(applied(RandomisedHadamard(), values) == expected)
  }
}
