import LaminaNumerics
import Quantization
import Testing

@Suite("Lloyd-Max")
struct LloydMaxTests {
  static let normal = TruncatedNormal(deviation: 1, bounds: -12...12)
  static let converged: LloydMax = {
    var solver = LloydMax()
    solver.tolerance = 1e-13
    solver.iterationLimit = 10_000
    return solver
  }()

  @Test("The codebooks of N(0,1) for 1 to 4 bits are the reference's")
  func reference() {
    let positive = [[0.797885], [0.452780, 1.510418], [0.245094, 0.756005, 1.343909, 2.151946]]
    let distortions = [0.363380, 0.117482, 0.034548, 0.009501]
    for bits in 1...4 {
      let codebook = LloydMaxTests.converged.codebook(count: 1 << bits, for: LloydMaxTests.normal)
      #expect((codebook.distortion - distortions[bits - 1]).magnitude < 1e-6)
      guard bits < 4 else { continue }
      for (found, expected) in zip(codebook.centroids.suffix(1 << (bits - 1)), positive[bits - 1]) {
        #expect((found - expected).magnitude < 2e-6)
      }
    }
  }

  @Test("At the fixed point D = E r² − E Q², and the mean of Q is that of r")
  func fixedPoint() {
    let law = TruncatedNormal(location: 0.2, deviation: 0.1)
    let codebook = LloydMaxTests.converged.codebook(count: 7, for: law)
    let p = codebook.probabilities(under: law)
    let mean = zip(p, codebook.centroids).reduce(0) { $0 + $1.0 * $1.1 }
    let second = zip(p, codebook.centroids).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }
    #expect((p.reduce(0, +) - 1).magnitude < 1e-14)
    // An error of 1e-13 in the distortion leaves the centroids within about its square root.
    #expect((mean - law.mean).magnitude < 1e-7)
    #expect(isClose(codebook.distortion, law.secondMoment - second, relative: 1e-5))
  }

  @Test("More iterations never raise the distortion")
  func monotone() {
    var solver = LloydMax()
    solver.tolerance = 0
    var last = Double.infinity
    for limit in 0..<40 {
      solver.iterationLimit = limit
      let codebook = solver.codebook(count: 6, for: TruncatedNormal(deviation: 0.07))
      #expect(codebook.distortion <= last)
      last = codebook.distortion
    }
  }

  @Test("Nearest assignment picks the nearest centroid")
  func nearest() {
    let codebook = LloydMax().codebook(count: 5, for: TruncatedNormal(deviation: 0.3))
    for step in -10...110 {
      let r = Double(step) / 100
      let distances = codebook.centroids.map { ($0 - r).magnitude }
      #expect(distances[codebook.index(nearestTo: r)] == distances.min())
    }
  }

  @Test("An empty cell takes half of the cell of largest distortion")
  func emptyCells() {
    // Two atoms far apart, and a quantile start that puts all centroids but one on the first.
    let sample = [(coordinate: 0.1, weight: 100.0), (coordinate: 0.8, weight: 1.0), (coordinate: 0.9, weight: 1.0)]
    let codebook = LloydMaxTests.converged.codebook(count: 3, for: PiecewiseUniform(sample: sample))
    #expect(codebook.centroids.count == 3)
    #expect(codebook.distortion < 1e-12)
  }

  @Test("As levels, centroids lie between the ends and round without bias at more variance than ALQ")
  func levels() throws {
    let law = TruncatedNormal(deviation: 0.1)
    for start in [Levels.uniform(intervals: 4), Levels.uniform(intervals: 4).mirroredWithoutZero()] {
      let lloyd = try LloydMax().fit(start, to: law)
      let alq = try CoordinateDescent().fit(start, to: law)
      #expect(lloyd.count == start.count && lloyd.containZero == start.containZero)
      #expect(lloyd.expectedVariance(under: law) > alq.expectedVariance(under: law))
    }
  }
}
