import Foundation
import LaminaNumerics
import NeuralNetworks
import Testing

@Suite("Classifier oracle", .enabled(if: Torch.isAvailable))
struct ClassifierOracleTests {
  private func images(labels: [UInt8]?) -> ImageDataset {
    var stream = RandomStream(key: RandomKey(seed: 31))
    let pixels = (0..<12 * 32 * 32).map { _ in UInt8(truncatingIfNeeded: stream.next() >> 56) }
    return ImageDataset(name: "noise", channels: 1, height: 32, width: 32, pixels: pixels, labels: labels)
  }

  @Test("The gradient is the slope of the loss along itself", arguments: [nil, (0..<12).map { UInt8($0 % 3) }])
  func slope(labels: [UInt8]?) throws {
    let oracle = try ClassifierOracle(dataset: images(labels: labels), width: 2, batchSize: 8)
    #expect(oracle.classes == (labels == nil ? 4 : 3))
    let key = RandomKey(seed: 32)
    let point = oracle.initialPoint(key: key)
    let gradient = oracle.sample(at: point, key: key)
    let norm = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    let step = 1e-2
    let losses = try [step, -step].map { length in
      _ = oracle.sample(at: zip(point, gradient).map { $0 + length * Double($1) / norm }, key: key)
      return try #require(oracle.loss)
    }
    // Single precision and the curvature of the loss: parts in a thousand.
    #expect(abs((losses[0] - losses[1]) / (2 * step) - norm) < 0.01 * norm)
  }

  @Test("The same point and key give the same bits, another key others")
  func determinism() throws {
    let oracle = try ClassifierOracle(dataset: images(labels: nil), width: 2, batchSize: 8)
    let point = oracle.initialPoint(key: RandomKey(seed: 33))
    let first = oracle.sample(at: point, key: RandomKey(seed: 34))
    #expect(first == oracle.sample(at: point, key: RandomKey(seed: 34)))
    #expect(first != oracle.sample(at: point, key: RandomKey(seed: 35)))
    #expect(oracle.layouts.last?.range.upperBound == first.count)
  }
}
