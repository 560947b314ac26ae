import LaminaNumerics
import Testing
import VariationalInequalities

@Suite struct FeasibleSetTests {
  /// Points of many scales and dimensions.
  static func points(_ dimension: Int, seed: UInt64) -> [Point] {
    var stream = RandomStream(key: RandomKey(seed: seed))
    return (0..<40).map { n in
      let scale = Double(1 << (n % 8)) / 8
      return (0..<dimension).map { _ in scale * stream.nextNormal() }
    }
  }

  /// p = Π(x) exactly when ⟨x − p, v − p⟩ ≤ 0 for every vertex v.
  static func expectOptimal(_ x: Point, _ p: Point, vertices: [Point]) {
    for vertex in vertices {
      var product = 0.0
      for i in x.indices { product += (x[i] - p[i]) * (vertex[i] - p[i]) }
      #expect(product <= 1e-9 * (1 + x.squaredNorm))
    }
  }

  @Test("The simplex projection is feasible and optimal at every vertex", arguments: [1, 2, 3, 8, 50])
  func simplex(dimension: Int) {
    for total in [1, 2.5] {
      let vertices = (0..<dimension).map { corner in (0..<dimension).map { $0 == corner ? total : 0 } }
      for x in Self.points(dimension, seed: 1) {
        var p = x
        FeasibleSet.simplex(total: total).project(&p)
        #expect(abs(p.reduce(0, +) - total) < 1e-12 && p.allSatisfy { $0 >= 0 })
        Self.expectOptimal(x, p, vertices: vertices)
      }
    }
  }

  @Test("The simplex projection agrees with bisection on its threshold")
  func simplexBisection() {
    for x in Self.points(20, seed: 2) {
      var p = x
      FeasibleSet.simplex(total: 1).project(&p)
      var (low, high) = ((x.min() ?? 0) - 1, x.max() ?? 0)
      for _ in 0..<100 {
        let middle = 0.5 * (low + high)
        let sum = x.reduce(0) { $0 + max($1 - middle, 0) }
        if sum > 1 { low = middle } else { high = middle }
      }
      expectClose(p, x.map { max($0 - high, 0) }, within: 1e-12)
    }
  }

  @Test("Equal coordinates share the simplex")
  func ties() {
    var x: Point = [7, 7, 7, 7]
    FeasibleSet.simplex(total: 1).project(&x)
    #expect(x == [0.25, 0.25, 0.25, 0.25])
  }

  @Test("The box projection is optimal at every vertex, and infinite bounds are none")
  func box() {
    let set = FeasibleSet.box(lower: [-1, 0, 2], upper: [1, 0.5, 2])
    let vertices: [Point] = [[-1, 0, 2], [-1, 0.5, 2], [1, 0, 2], [1, 0.5, 2]]
    for x in Self.points(3, seed: 3) {
      var p = x
      set.project(&p)
      #expect(abs(p[0]) <= 1 && p[1] >= 0 && p[1] <= 0.5 && p[2] == 2)
      Self.expectOptimal(x, p, vertices: vertices)
    }
    var free: Point = [-1e300, 5]
    FeasibleSet.box(lower: [-.infinity, 0], upper: [.infinity, .infinity]).project(&free)
    #expect(free == [-1e300, 5])
  }

  @Test("The ball projection moves along the ray to the centre and leaves the inside alone")
  func ball() {
    let center: Point = [1, -2, 0.5]
    for x in Self.points(3, seed: 4) {
      var p = x
      FeasibleSet.ball(center: center, radius: 2).project(&p)
      let (before, after) = (x.squaredDistance(to: center).squareRoot(), p.squaredDistance(to: center).squareRoot())
      if before <= 2 {
        #expect(p == x)
      } else {
        #expect(abs(after - 2) < 1e-12)
        #expect(abs(x.squaredDistance(to: p).squareRoot() - (before - 2)) < 1e-9)
      }
    }
  }

  @Test("A product projects each factor's coordinates")
  func product() {
    let ball = FeasibleSet.ball(center: [0, 0], radius: 1)
    let set = FeasibleSet.product([
      .init(ball, dimension: 2), .init(.everything, dimension: 1), .init(.simplex(total: 1), dimension: 3),
    ])
    for x in Self.points(6, seed: 5) {
      var p = x
      set.project(&p)
      var (first, last) = (Array(x[..<2]), Array(x[3...]))
      ball.project(&first)
      FeasibleSet.simplex(total: 1).project(&last)
      #expect(p == first + [x[2]] + last)
    }
  }
}
