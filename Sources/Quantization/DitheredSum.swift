public import LaminaNumerics

/// The sum of vectors that several workers quantized with one agreed step: their integers add up, and decode once.
///
/// Σₖ v̂ₖ = Δ·Σₖ (qₖ + ½ − dₖ). Integers, and dithers of 17 bits, add without rounding, so that the order of workers does
/// not matter, and so that the integers alone can be forwarded: at K workers they take about ½·log₂K bits more than those
/// of one worker.
public struct DitheredSum: Sendable {
  /// Σ q, over the workers whose bucket was rounded.
  public private(set) var integers: [Int32]
  /// The sum of the coordinates that travelled exactly.
  public private(set) var exact: [Double]
  /// The keys of the workers that were added.
  public private(set) var keys: [RandomKey] = []
  /// For each bucket the workers, by their place in `keys`, that rounded it.
  private var contributors: [[Int]]
  private let quantizer: DitheredQuantizer
  private let step: Float

  /// The most workers, so that no sum of integers overflows.
  public static let mostWorkers = 256

  /// The sum of no vectors.
  ///
  /// - Parameters:
  ///   - quantizer: A linear quantizer.
  ///   - count: The coordinates of the layer.
  public init(quantizer: DitheredQuantizer, count: Int) {
    guard case .agreed(let step) = quantizer.step else {
      preconditionFailure("Symbols add up only where all workers agreed on one step")
    }
    self.quantizer = quantizer
    self.step = step
    integers = [Int32](repeating: 0, count: count)
    exact = [Double](repeating: 0, count: count)
    contributors = [[Int]](repeating: [], count: (count + quantizer.bucketSize - 1) / quantizer.bucketSize)
  }

  /// Adds the symbols of one worker.
  ///
  /// - Parameters:
  ///   - symbols: The symbols of a layer of as many coordinates.
  ///   - key: The key that they were made with.
  public mutating func add(_ symbols: DitheredBlock, key: RandomKey) {
    precondition(symbols.scales.count == contributors.count, "The symbols belong to a layer of another size")
    precondition(keys.count < Self.mostWorkers, "At most \(Self.mostWorkers) vectors are added up")
    var live = 0
    var escapes = symbols.escapes.makeIterator()
    var exactValues = symbols.exact.makeIterator()
    for (bucket, scale) in symbols.scales.enumerated() where scale != 0 {
      let range = bucket * quantizer.bucketSize..<min((bucket + 1) * quantizer.bucketSize, integers.count)
      if scale.isNaN {
        for i in range { exact[i] += Double(exactValues.next() ?? .nan) }
        continue
      }
      contributors[bucket].append(keys.count)
      for i in range {
        integers[i] += symbols.integer(at: live, escapes: &escapes)
        live += 1
      }
    }
    keys.append(key)
  }

  /// The sum of the decoded vectors, each in exact arithmetic, rounded to binary64 only where it needs more than 53 bits.
  ///
  /// - Returns: The coordinates.
  public func decoded() -> [Double] {
    var sum = exact
    for (bucket, workers) in contributors.enumerated() where !workers.isEmpty {
      let start = bucket * quantizer.bucketSize
      let streams = workers.map { RoundingStream(key: keys[$0].folding(UInt64(bucket))) }
      for i in start..<min(start + quantizer.bucketSize, integers.count) {
        let dithers = streams.reduce(0) { $0 + Int64($1.ditherNumerator(at: i - start)) }
        // In units of 2⁻¹⁷ steps: 2¹⁷q + 2¹⁶ − (2m + 1) for each worker.
        let units = Int64(integers[i]) << 17 + Int64(workers.count) << 16 - dithers
        sum[i] += Double(step) * (Double(units) * 0x1p-17)
      }
    }
    return sum
  }
}

extension DitheredBlock {
  /// The integer q of the live coordinate at `index`, which are asked for in order.
  fileprivate func integer(at index: Int, escapes: inout IndexingIterator<[Int32]>) -> Int32 {
    let high = numbers[index] == Self.escapeNumber ? escapes.next() ?? 0 : Int32(numbers[index]) - 16
    return high << Int32(rawBits) | (rawBits > 0 ? Int32(lows[index]) : 0)
  }
}
