import LaminaNumerics
import Quantization
import Testing
import WireFormat

@Suite struct DitheredFrameTests {
  private static let steps: [DitheredQuantizer.Step] = [
    .agreed(0.25), .agreed(0x1p-20), .relative(0.5, .layer), .relative(0x1p-6, .vector), .relative(0.25, .bucket(100)),
    .relative(3, .bucket(1)), .relative(0.5, .bucket(1 << 24)), .relative(0x1p-16, .layer), .relative(0x1p16, .layer),
  ]

  @Test(
    "A dithered layer decodes to the quantizer's own output bit for bit, and traffic is 8 bits a byte",
    arguments: [1, 2, 31, 32, 33, 511, 512, 513, 1023, 1024, 1025, 4096 + 17])
  func roundTrip(_ size: Int) throws {
    for step in Self.steps {
      for vector in vectors(count: size) { try expectOwnOutput(of: vector, step: step) }
    }
  }

  @Test("Layers around the end of a block, where one bucket ends and where it does not")
  func blocks() throws {
    for size in [1 << 19 - 1, 1 << 19, 1 << 19 + 1] {
      let vector = plainVector(count: size, seed: UInt64(size))
      for step in [DitheredQuantizer.Step.relative(0.25, .layer), .relative(0.03, .bucket(3000))] {
        try expectOwnOutput(of: vector, step: step)
      }
    }
    // A bucket that is larger than the usual block, and holes over several blocks.
    var holes = plainVector(count: 1_200_000, seed: 3)
    for i in 100_000..<900_000 { holes[i] = 0 }
    holes[1_199_999] = .nan
    try expectOwnOutput(of: holes, step: .relative(0.5, .bucket(1 << 20)))
    try expectOwnOutput(of: holes, step: .agreed(0.0625))
  }

  @Test("The frame decodes coordinate by coordinate as the rounding specifies, whatever its raw bits and escapes")
  func rounding() throws {
    let vector = vectors(count: 3000)[1]
    for step in [Float(0.5), 0.01, 0.001] {
      let quantizer = DitheredQuantizer(step: .agreed(step))
      let decoded = try frame(of: vector, quantizer).decoded
      let key = RandomKey(seed: 9).folding(2).folding(1).folding(0)
      for bucket in 0..<3 {
        let stream = RoundingStream(key: key.folding(UInt64(bucket)))
        let rounding = DitherRounding(stream: stream, rawBits: 0)
        for i in 0..<min(1024, vector.count - 1024 * bucket) {
          let integer = rounding.integer(of: vector[1024 * bucket + i], reciprocal: 1 / step, at: i)
          #expect(decoded[1024 * bucket + i] == rounding.value(of: integer, step: step, at: i))
        }
      }
    }
  }

  @Test("Whatever a coordinate is, it decodes to itself, or to within half a step")
  func adversarial() throws {
    let patterns: [UInt32] = [
      0, 0x8000_0000, 1, 0x8000_0001, 0x007F_FFFF, 0x0080_0000, 0x7F7F_FFFF, 0xFF7F_FFFF, 0x3F80_0000, 0x7F80_0000,
      0xFF80_0000, 0x7FC0_0000, 0x7FA0_1234, 0xFFFF_FFFF, 0x4B80_0000, 0x0D80_0000, 0x7180_0000,
    ]
    var stream = RandomStream(key: RandomKey(seed: 77))
    for round in 0..<60 {
      // From vectors full of them to vectors with a few; finite ones in the last third.
      let vector = plainVector(count: 2100, seed: UInt64(round)).map { plain in
        guard stream.next() % (round % 3 == 0 ? 2 : 500) == 0 else { return plain }
        let pattern = patterns[Int(stream.next() % UInt64(patterns.count))]
        return round >= 40 && pattern & 0x7F80_0000 == 0x7F80_0000 ? plain : Float(bitPattern: pattern)
      }
      for step in Self.steps { try expectErrorBelowHalfAStep(vector, step: step) }
    }
  }

  @Test("A vector whose finite coordinates are all zero keeps the others, whatever the scope")
  func nonFiniteAlone() throws {
    for value in [Float.nan, .infinity, -.infinity, Float(bitPattern: 0x7FA0_0001)] {
      var vector = [Float](repeating: 0, count: 2500)
      vector[1500] = value
      for step in Self.steps {
        let decoded = try frame(of: vector, DitheredQuantizer(step: step)).decoded
        #expect(value.isNaN ? decoded[1500].isNaN : decoded[1500] == value, "\(step)")
        #expect(decoded.indices.allSatisfy { $0 == 1500 || decoded[$0].bitPattern == 0 })
      }
    }
  }

  @Test("A root mean square that rounds to zero is no zero vector")
  func tinyScale() throws {
    var vector = [Float](repeating: 0, count: 5000)
    vector[4321] = 0x1p-149
    for step in Self.steps {
      let quantizer = DitheredQuantizer(step: step)
      guard quantizer.scope != nil else { continue }
      #expect(try frame(of: vector, quantizer).decoded == vector, "\(step)")
    }
  }

  /// Every frame here belongs to step 2 of rank 1.
  private func frame(of vector: [Float], _ quantizer: DitheredQuantizer) throws -> FrameWorkshop.Made {
    let recipe = PlanRecipe(
      layers: [("w", .linear, vector.count)], quantizers: [:], dithered: [.linear: quantizer], seed: 9)
    var workshop = FrameWorkshop(try recipe.plan())
    var made = workshop.frame(of: vector, step: 2, rank: 1)
    #expect(made.traffic.total == 8 * (made.bytes.count - made.framing))
    let decoded = try workshop.decode(made.bytes, step: 2, rank: 1)
    #expect(patterns(decoded) == patterns(made.decoded), "\(quantizer.step), \(vector.count)")
    made.decoded = decoded
    return made
  }

  private func expectOwnOutput(of vector: [Float], step: DitheredQuantizer.Step) throws {
    let quantizer = DitheredQuantizer(step: step)
    let decoded = try frame(of: vector, quantizer).decoded
    let key = RandomKey(seed: 9).folding(2).folding(1).folding(0)
    let symbols = quantizer.quantize(vector.span, key: key)
    var own = [Float](repeating: 0, count: vector.count)
    var span = own.mutableSpan
    quantizer.accumulate(symbols, key: key, into: &span)
    #expect(patterns(decoded) == patterns(own), "\(step), \(vector.count)")
  }

  private func expectErrorBelowHalfAStep(_ vector: [Float], step: DitheredQuantizer.Step) throws {
    let quantizer = DitheredQuantizer(step: step)
    let decoded = try frame(of: vector, quantizer).decoded
    let symbols = quantizer.quantize(vector.span, key: RandomKey(seed: 9).folding(2).folding(1).folding(0))
    let size = quantizer.bucketSize
    var wrong = 0
    for (i, value) in vector.enumerated() {
      let scale = symbols.scales[i / size]
      if scale == 0 || scale.isNaN {
        wrong += scale == 0 && value != 0 || !(decoded[i] == value || decoded[i].isNaN && value.isNaN) ? 1 : 0
        continue
      }
      // Four roundings of numbers below |v| + Δ, and the grain of the dither.
      let delta = Double(quantizer.stepSize(scale: scale))
      let bound = delta * (0.5 + 0x1p-16) + 4 * (Double(value.magnitude) + delta) * 0x1p-24
      wrong += Double(decoded[i] - value).magnitude <= bound ? 0 : 1
    }
    #expect(wrong == 0, "\(step)")
  }

  private func vectors(count: Int) -> [[Float]] {
    let plain = plainVector(count: count, seed: UInt64(count))
    var special = plain
    for i in stride(from: 0, to: count, by: 257) { special[i] = i % 2 == 0 ? .infinity : .nan }
    let tails = plain.enumerated().map { $0.offset % 97 == 5 ? $0.element * 1000 : $0.element }
    return [
      plain, tails, special, [Float](repeating: 0, count: count), [Float](repeating: -1, count: count),
      plain.indices.map { $0 % 2500 < 1200 ? 0 : plain[$0] },
    ]
  }
}
