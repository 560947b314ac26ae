import LaminaNumerics
import Quantization
import RealModule
import Testing

@Suite struct DitheredQuantizerTests {
  private let key = RandomKey(seed: 5)

  @Test(
    "E Q(v) = v: mean and slope of the error over 2²⁴ draws stay within 4 standard errors", arguments: SourceZoo.all)
  func unbiased(_ source: SourceZoo) {
    let vector = source.sample(count: 1 << 20, key: RandomKey(seed: 11))
    let energy = squaredNorm(vector)
    for step in [DitheredQuantizer.Step.relative(0.2645, .layer), .relative(1.5, .bucket(1024)), .agreed(0.01)] {
      let quantizer = DitheredQuantizer(step: step)
      var sum = 0.0
      var slope = 0.0
      var square = 0.0
      for draw in 0..<16 {
        let decoded = decoded(vector, quantizer, key: key.folding(UInt64(draw)))
        for (value, wanted) in zip(decoded, vector) {
          let error = Double(value) - Double(wanted)
          sum += error
          slope += error * Double(wanted)
          square += error * error
        }
      }
      let bound = quantizer.errorBound(dimension: vector.count)
      let perDraw = bound.relative * energy + bound.absolute
      let deviation = (perDraw / Double(vector.count)).squareRoot()
      #expect(abs(sum) < 4 * deviation * (16 * Double(vector.count)).squareRoot(), "\(step): mean")
      // Buckets with scales of their own have errors in proportion to their energy, at most this much more in the slope.
      let weights = slopeWeight(of: vector, step: step)
      #expect(abs(slope) < 4 * (16 * weights).squareRoot(), "\(step): slope")
      // The square of a uniform error has the relative deviation √0.8; scales of their own weigh buckets unequally.
      let spread = (0.8 * 16 * weightOfSquares(of: vector, step: step)).squareRoot() / (16 * perDraw)
      #expect(abs(square / 16 / perDraw - 1) < 4 * spread + 1e-6, "\(step): variance")
    }
  }

  /// Σᵢ vᵢ²Δᵢ²/12, the variance of Σ eᵢvᵢ.
  private func slopeWeight(of vector: [Float], step: DitheredQuantizer.Step) -> Double {
    switch step {
    case .agreed(let step): return squaredNorm(vector) * Double(step) * Double(step) / 12
    case .relative(let factor, .bucket(let size)):
      return stride(from: 0, to: vector.count, by: size).reduce(0) { sum, start in
        let energy = squaredNorm(Array(vector[start..<min(start + size, vector.count)]))
        return sum + energy * energy / Double(size) * Double(factor) * Double(factor) / 12
      }
    case .relative(let factor, _):
      let energy = squaredNorm(vector)
      return energy * energy / Double(vector.count) * Double(factor) * Double(factor) / 12
    }
  }

  /// Σᵢ (Δᵢ²/12)².
  private func weightOfSquares(of vector: [Float], step: DitheredQuantizer.Step) -> Double {
    guard case .relative(let factor, .bucket(let size)) = step else {
      let bound = DitheredQuantizer(step: step).errorBound(dimension: vector.count)
      let whole = bound.relative * squaredNorm(vector) + bound.absolute
      return whole * whole / Double(vector.count)
    }
    return stride(from: 0, to: vector.count, by: size).reduce(0) { sum, start in
      let energy = squaredNorm(Array(vector[start..<min(start + size, vector.count)]))
      let error = energy / Double(size) * Double(factor) * Double(factor) / 12
      return sum + Double(size) * error * error
    }
  }

  @Test("Fact 11: the error is uniform on ±Δ/2 whatever the coordinate is, so that E‖Q(v) − v‖² = dΔ²/12")
  func errorIsUniform() {
    let step: Float = 0.25
    let quantizer = DitheredQuantizer(step: .agreed(step))
    for value in [Float(0.001), 0.1, 0.125, 0.249, 1, -3.3, 100.06] {
      let count = 1 << 16
      let errors = decoded([Float](repeating: value, count: count), quantizer, key: key).map { Double($0 - value) }
      #expect(errors.allSatisfy { abs($0) <= Double(step) / 2 + Double(value.ulp) })
      // The largest distance of the empirical law from the uniform one: Kolmogorov's bound at a level of 10⁻⁶.
      let sorted = errors.map { $0 / Double(step) + 0.5 }.sorted()
      let distance = sorted.enumerated().reduce(0) { max($0, abs($1.element - Double($1.offset) / Double(count))) }
      #expect(distance < 2.7 / Double(count).squareRoot() + 1e-4, "\(value): \(distance)")
    }
  }

  @Test(
    "Fact 12: the sum of the decoded vectors equals the decoded sum of the symbols exactly", arguments: [1, 2, 7, 16])
  func linear(workers: Int) {
    let step: Float = 0.3
    let quantizer = DitheredQuantizer(step: .agreed(step))
    let count = 2 * 1024 + 77
    let keys = (0..<workers).map { key.folding(UInt64($0)) }
    var sum = DitheredSum(quantizer: quantizer, count: count, keys: keys)
    var exact = [Double](repeating: 0, count: count)
    var order = DitheredSum(quantizer: quantizer, count: count, keys: keys)
    var parts: [DitheredBlock] = []
    for worker in 0..<workers {
      var vector = SourceZoo.student.sample(count: count, key: RandomKey(seed: UInt64(100 + worker)))
      if worker == 1 { for i in 0..<1024 { vector[i] = 0 } }
      if worker == 2 { vector[1030] = 0x1p60 }
      vector[5] *= 1000
      let key = keys[worker]
      let symbols = quantizer.quantize(vector.span, key: key)
      parts.append(symbols)
      sum.add(symbols, worker: worker)
      // One worker's vector in exact arithmetic: the product of the step and a multiple of 2⁻¹⁷ fits binary64.
      var alone = DitheredSum(quantizer: quantizer, count: count, keys: [key])
      alone.add(symbols, worker: 0)
      for (i, value) in alone.decoded().enumerated() { exact[i] += value }
      // The decoded vector is that, rounded to binary32 in three operations.
      for (value, wanted) in zip(decoded(vector, quantizer, key: key), alone.decoded()) {
        let rounding = 3e-7 * abs(wanted) + 0x1p-24
        #expect(abs(Double(value) - wanted) <= rounding)
      }
    }
    #expect(sum.decoded() == exact)
    for (worker, symbols) in parts.enumerated().reversed() { order.add(symbols, worker: worker) }
    #expect(order.decoded() == exact && order.integers == sum.integers)
  }

  @Test("Zeros decode to zeros, and what cannot be rounded decodes to itself, under every scope")
  func specialBuckets() {
    for step in [DitheredQuantizer.Step.agreed(0.5), .relative(0.5, .layer), .relative(0.5, .bucket(1024))] {
      let quantizer = DitheredQuantizer(step: step)
      var vector = SourceZoo.gaussian.sample(count: 5 * 1024 + 3, key: RandomKey(seed: 9))
      for i in 0..<1024 { vector[i] = i % 2 == 0 ? 0 : -0.0 }
      vector[1024] = .nan
      vector[2048 + 7] = -.infinity
      for i in 5120..<5123 { vector[i] = 0x1p-149 }
      let symbols = quantizer.quantize(vector.span, key: key)
      let result = decoded(vector, quantizer, key: key)
      #expect(result[..<1024].allSatisfy { $0.bitPattern == 0 })
      for i in 1024..<3072 { #expect(result[i] == vector[i] || result[i].isNaN && vector[i].isNaN, "\(step), \(i)") }
      #expect(symbols.scales[0] == 0 && symbols.scales[1].isNaN && symbols.scales[2].isNaN && symbols.scales[3] > 0)
      if case .relative(_, .bucket) = step { #expect(symbols.scales[5].isNaN && result[5120] == vector[5120]) }
    }
    // A coordinate beyond 2²² steps takes its bucket along.
    let far = decoded([1, 0x1p30, -2], DitheredQuantizer(step: .agreed(0.5)), key: key)
    #expect(far == [1, 0x1p30, -2])
    #expect(decoded([], DitheredQuantizer(step: .agreed(0.5)), key: key) == [])
    #expect(
      decoded([Float](repeating: 0, count: 7), DitheredQuantizer(step: .relative(1, .layer)), key: key)
        == [Float](repeating: 0, count: 7))
  }

  @Test("A target of error is met: E‖Q(v) − v‖² is what was asked for", arguments: [0.1, 0.001, 1e-5])
  func targetError(error: Double) {
    let vector = SourceZoo.laplace.sample(count: 1 << 16, key: RandomKey(seed: 4))
    let quantizer = DitheredQuantizer(normalizedError: error)
    let result = decoded(vector, quantizer, key: key)
    let square = zip(result, vector).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    // The square of a uniform error has the relative deviation √0.8.
    #expect(abs(square / squaredNorm(vector) / error - 1) < 4 * (0.8 / 65536).squareRoot() + 1e-4)
  }

  private func decoded(_ vector: [Float], _ quantizer: DitheredQuantizer, key: RandomKey) -> [Float] {
    var sum = [Float](repeating: 0, count: vector.count)
    let symbols = quantizer.quantize(vector.span, key: key)
    var span = sum.mutableSpan
    quantizer.accumulate(symbols, key: key, into: &span)
    return sum
  }

  private func squaredNorm(_ vector: [Float]) -> Double { vector.reduce(0) { $0 + Double($1) * Double($1) } }
}
