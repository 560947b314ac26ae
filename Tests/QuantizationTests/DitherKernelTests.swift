import LaminaNumerics
import Quantization
import Testing

/// The dither kernels against ``DitherRounding``, bit for bit.
@Suite struct DitherKernelTests {
  private let key = RandomKey(seed: 50)

  private static let sizes = [0, 1, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 95, 96, 127, 128, 129, 1000, 1024, 1055]

  /// Values around the borders of cells and alphabets, of every magnitude, and of no magnitude.
  private func values(_ count: Int, _ random: inout RandomStream) -> [Float] {
    (0..<count).map { _ in
      let bits = UInt32(truncatingIfNeeded: random.next())
      switch random.next() % 8 {
      case 0: return Float(bitPattern: bits)
      case 1: return Float(Int32(bits % 65) - 32)
      case 2: return Float(Int32(bits % 9001) - 4500)
      case 3: return [0, -0.0, .infinity, -.infinity, .nan, 0x1p31, -0x1p31, 0x1p-149][Int(bits % 8)]
      case 4: return (Float(bits % 64) - 32).nextDown
      default: return (Float(bits) - 0x1p31) * 0x1p-27
      }
    }
  }

  @Test("Every tier quantizes as DitherRounding does", arguments: KernelTier.supported)
  func dither(_ tier: KernelTier) {
    var random = RandomStream(key: key)
    for rawBits in 0...8 {
      for size in Self.sizes {
        let values = values(size + 1, &random)
        let reciprocal: Float = [1, 0.37, 130, 0x1p-20][Int(random.next() % 4)]
        let rounding = DitherRounding(stream: RoundingStream(key: key.folding(random.next())), rawBits: rawBits)
        for start in [0, min(1, size)] {
          check(Array(values[start..<size]), reciprocal, rounding, start: start, values, tier)
        }
      }
    }
  }

  private func check(
    _ expectedOf: [Float], _ reciprocal: Float, _ rounding: DitherRounding, start: Int, _ values: [Float],
    _ tier: KernelTier
  ) {
    let count = expectedOf.count
    var numbers = [UInt8](repeating: 0xAA, count: count + 1)
    var lows = numbers
    let outcome = values.withUnsafeBufferPointer { values in
      numbers.withUnsafeMutableBufferPointer { numbers in
        lows.withUnsafeMutableBufferPointer { lows in
          DitherKernels.dither(
            UnsafeBufferPointer(rebasing: values[start..<start + count]), reciprocal: reciprocal,
            stream: rounding.stream, rawBits: rounding.rawBits, numbers: numbers, lows: lows, tier: tier)
        }
      }
    }
    let integers = expectedOf.indices.map {
      rounding.integer(of: expectedOf[$0], reciprocal: reciprocal, at: $0)
    }
    let expected = integers.map(rounding.number)
    #expect(Array(numbers.dropLast()) == expected, "\(tier), \(count), \(rounding.rawBits) raw bits")
    let expectedLows = integers.map { rounding.rawBits == 0 ? 0xAA : rounding.low(of: $0) }
    #expect(Array(lows.dropLast()) == expectedLows, "\(tier), \(count), \(rounding.rawBits) raw bits")
    #expect(numbers.last == 0xAA && lows.last == 0xAA, "Nothing is written behind the end")
    #expect(outcome.escapes == expected.count { $0 == DitherRounding.escape })
    #expect(outcome.largest == expectedOf.map(\.magnitude.bitPattern).max() ?? 0)
  }

  @Test("Every tier decodes as DitherRounding does", arguments: KernelTier.supported)
  func undither(_ tier: KernelTier) {
    var random = RandomStream(key: key.folding(1))
    for rawBits in 0...8 {
      let rounding = DitherRounding(stream: RoundingStream(key: key.folding(random.next())), rawBits: rawBits)
      for size in Self.sizes {
        let numbers = (0..<size).map { _ in UInt8(random.next() % 32) }
        let lows = (0..<size).map { _ in UInt8(random.next() % (1 << UInt64(rawBits))) }
        let step: Float = [0.37, 0x1p-100, 3e20][Int(random.next() % 3)]
        var sums = (0...size).map { _ in Float(random.nextUnit()) - 0.5 }
        var expected = sums
        for i in 0..<size where numbers[i] != DitherRounding.escape {
          let integer = rounding.integer(number: numbers[i], low: lows[i])
          expected[i] += rounding.value(of: integer, step: step, at: i)
        }
        numbers.withUnsafeBufferPointer { numbers in
          lows.withUnsafeBufferPointer { lows in
            sums.withUnsafeMutableBufferPointer { sums in
              DitherKernels.undither(
                numbers, lows: rawBits == 0 ? UnsafeBufferPointer(rebasing: lows[..<0]) : lows, rawBits: rawBits,
                step: step, stream: rounding.stream, into: sums, tier: tier)
            }
          }
        }
        #expect(sums.map(\.bitPattern) == expected.map(\.bitPattern), "\(tier), \(size), \(rawBits) raw bits")
      }
    }
  }

  @Test("An integer is its number and its low bits, and escapes are those out of range")
  func parts() {
    for rawBits in 0...8 {
      let rounding = DitherRounding(stream: RoundingStream(key: key), rawBits: rawBits)
      for integer in stride(from: Int32(-5000), through: 5000, by: 1) {
        let number = rounding.number(of: integer)
        let high = integer >> Int32(rawBits)
        #expect((number == DitherRounding.escape) == (high < -15 || high > 15))
        if number != DitherRounding.escape {
          #expect(rounding.integer(number: number, low: rounding.low(of: integer)) == integer)
        }
      }
    }
  }

  @Test("The error is at most half a step, has mean zero and the variance of a uniform one, whatever the value")
  func errorLaw() {
    let step: Float = 0.25
    let draws = 1 << 15
    for value: Float in [0, 0.01, -0.124, 0.125, 1.0, -2.37] {
      let rounding = DitherRounding(stream: RoundingStream(key: key.folding(2)), rawBits: 0)
      var sum = 0.0
      var squares = 0.0
      for index in 0..<draws {
        let integer = rounding.integer(of: value, reciprocal: 1 / step, at: index)
        let error = Double(rounding.value(of: integer, step: step, at: index) - value)
        #expect(abs(error) <= Double(step) / 2 * (1 + 0x1p-15))
        sum += error
        squares += error * error
      }
      // Five standard errors: of the mean step/sqrt(12 n), of the mean square step^2/sqrt(180 n).
      let mean = sum / Double(draws)
      let square = squares / Double(draws)
      let wide = Double(step) * Double(step)
      #expect(mean * mean < 25 * wide / 12 / Double(draws), "\(value)")
      #expect(abs(square - wide / 12) < 5 * wide / (180 * Double(draws)).squareRoot(), "\(value)")
    }
  }
}
