import LaminaNumerics
import RealModule
import Testing

@Suite("Roots, minima and sums")
struct RootAndMinimumTests {
  @Test("The root of an increasing function, smooth, flat, steep or a jump")
  func roots() {
    let cubeRoot = increasingRoot(in: 0...4) { x in (x * x * x - 2, 3 * x * x) }
    #expect((cubeRoot - Double.pow(2, 1.0 / 3)).magnitude < 1e-15)
    let jump = increasingRoot(in: -1...1) { x in (x < 0.3 ? -1.0 : 1, 0) }
    #expect((jump - 0.3).magnitude < 1e-15)
    let flat = increasingRoot(in: -2...3) { x in (Double.pow(x - 1, 9), 9 * Double.pow(x - 1, 8)) }
    #expect((flat - 1).magnitude < 1e-2)
    let wrongSlope = increasingRoot(in: 0...1) { x in (x - 0.7, 1e-9) }
    #expect((wrongSlope - 0.7).magnitude < 1e-15)
  }

  @Test("Without a root inside, the nearest end is returned")
  func ends() {
    #expect(increasingRoot(in: 1...2) { x in (x, 1) } == 1)
    #expect(increasingRoot(in: 1...2) { x in (x - 5, 1) } == 2)
    #expect(increasingRoot(in: 1...1) { x in (x - 5, 1) } == 1)
  }

  @Test("Brent's method finds smooth and kinked minima, inside and at an end")
  func minima() {
    let smooth = brentMinimum(in: 0...2) { x in Double.cosh(x - 0.7) }
    #expect((smooth.point - 0.7).magnitude < 1e-7 && (smooth.value - 1).magnitude < 1e-14)
    let kinked = brentMinimum(in: -1...5) { x in (x - 1.25).magnitude }
    #expect((kinked.point - 1.25).magnitude < 1e-7)
    let atEnd = brentMinimum(in: 2...3) { x in x * x }
    #expect((atEnd.point - 2).magnitude < 1e-7)
  }

  @Test("A compensated sum keeps what a plain one loses")
  func sums() {
    var sum = CompensatedSum()
    for term in [1, 1e100, 1, -1e100] { sum += term }
    #expect(sum.value == 2)
    var tenths = CompensatedSum()
    for _ in 0..<1_000_000 { tenths += 0.1 }
    #expect((tenths.value - 100_000).magnitude < 2e-11)
  }
}
