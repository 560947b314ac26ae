import LaminaNumerics
import Testing
import VariationalInequalities

/// The trajectories of the specification, section 7.4: A = [[0, 1], [−1, 0]], X₁ = (1, .5), one worker, no rounding.
@Suite struct GoldenTrajectoryTests {
  static let start: Point = [1, 0.5]
  static let lookaheads: [Point] = [
    [1, 0.5], [0.3333333333, 1.8333333333], [-0.9702760156, 1.2881104062], [-0.9303108492, 0.2612571721],
    [-0.5106526967, -0.0459272571],
  ]
  static let stepSizes = [0.6666666667, 0.4728662437, 0.3931743682, 0.3645434307, 0.3581633493]
  static let iterates: [Point] = [
    [0.6666666667, 1.1666666667], [-0.1033545687, 1.1304883250], [-0.4238588541, 0.6427448315],
    [-0.4154131109, 0.2932114515], [-0.3741917027, 0.1139334951],
  ]

  @Test("Fact 14: QODA with eq. (4) follows the golden trajectory to 1e-6 where dual vectors travel as float32")
  func adaptiveInSinglePrecision() {
    let solver = OptimisticDualAveraging(steps: AdaptiveSteps())
    var state = solver.initialState(at: Self.start)
    var oracle = ProblemOracle(DiracGAN())
    var exchange = LocalExchange()
    for t in 0..<5 {
      solver.step(&state, oracle: &oracle, exchange: &exchange, key: RandomKey(seed: 0))
      expectClose(state.lookahead, Self.lookaheads[t], within: 1e-6)
      expectClose(state.current, Self.iterates[t], within: 1e-6)
      #expect(abs(state.stepSizes.anchor - Self.stepSizes[t]) < 1e-6)
      #expect(state.stepSizes.lookahead == state.stepSizes.anchor)
    }
  }

  @Test("Fact 14: the step-size rule of eq. (4) reproduces the golden trajectory to 1e-8 in double precision")
  func adaptiveInDoublePrecision() {
    let trajectory = doublePrecisionTrajectory(AdaptiveSteps(), steps: 5)
    for t in 0..<5 {
      // The table has ten digits, so half a unit of its last place is 5e-11.
      expectClose(trajectory[t].lookahead, Self.lookaheads[t], within: 1e-8)
      expectClose(trajectory[t].iterate, Self.iterates[t], within: 1e-8)
      #expect(abs(trajectory[t].anchorStep - Self.stepSizes[t]) < 1e-8)
    }
  }

  @Test("Fact 14: QODA with (Alt) starts X₂ = (.5, 1.5), X_5/2 = (0, 2.5) and follows the double-precision recursion")
  func separated() {
    let steps = SeparatedSteps(exponent: 0.25)
    let solver = OptimisticDualAveraging(steps: steps)
    var state = solver.initialState(at: Self.start)
    var oracle = ProblemOracle(DiracGAN())
    var exchange = LocalExchange()
    let reference = separatedTrajectory(steps: 50)
    for t in 0..<50 {
      solver.step(&state, oracle: &oracle, exchange: &exchange, key: RandomKey(seed: 0))
      if t == 0 { #expect(state.current == [0.5, 1.5]) }
      if t == 1 { #expect(state.lookahead == [0, 2.5]) }
      expectClose(state.lookahead, reference[t].lookahead, within: 1e-6)
      expectClose(state.current, reference[t].iterate, within: 1e-6)
      #expect(state.stepSizes.lookahead >= state.stepSizes.anchor)
    }
    let shipped = doublePrecisionTrajectory(steps, steps: 50)
    for t in 0..<50 { expectClose(shipped[t].iterate, reference[t].iterate, within: 1e-8) }
  }
}

struct TrajectoryPoint {
  var lookahead: Point
  var iterate: Point
  var anchorStep: Double
}

/// Algorithm 1 in double precision with a shipped step-size rule; the dual vectors are never rounded.
func doublePrecisionTrajectory<Steps: StepSizes>(_ rule: Steps, steps: Int) -> [TrajectoryPoint] {
  let start = GoldenTrajectoryTests.start
  var (x, y, v) = (start, [0.0, 0.0], [0.0, 0.0])
  var memory = rule.initialMemory()
  var sizes = rule.first
  var movement = 0.0
  var result: [TrajectoryPoint] = []
  for _ in 0..<steps {
    let half = [x[0] - sizes.lookahead * v[0], x[1] - sizes.lookahead * v[1]]
    let g = [half[1], -half[0]]
    let tallies = DualAverage(
      mean: [], workers: 1, squaredNorms: g[0] * g[0] + g[1] * g[1],
      squaredChanges: (g[0] - v[0]) * (g[0] - v[0]) + (g[1] - v[1]) * (g[1] - v[1]))
    sizes = rule.next(&memory, after: tallies, movement: movement)
    y = [y[0] - g[0], y[1] - g[1]]
    let next = [start[0] + sizes.anchor * y[0], start[1] + sizes.anchor * y[1]]
    movement = (next[0] - x[0]) * (next[0] - x[0]) + (next[1] - x[1]) * (next[1] - x[1])
    (x, v) = (next, g)
    result.append(TrajectoryPoint(lookahead: half, iterate: x, anchorStep: sizes.anchor))
  }
  return result
}

/// The recursion of section 7.2 (Alt), q̂ = ¼, with its sums written out over the whole history.
private func separatedTrajectory(steps: Int) -> [TrajectoryPoint] {
  let start = GoldenTrajectoryTests.start
  var iterates = [start]
  var duals: [Point] = []
  var result: [TrajectoryPoint] = []
  func square(_ a: Point, _ b: Point = [0, 0]) -> Double {
    (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1])
  }
  func sums(before t: Int) -> (norms: Double, movements: Double) {
    var result = (norms: 1.0, movements: 0.0)
    for s in 1..<max(t - 1, 1) {
      result.norms += square(duals[s - 1])
      result.movements += square(iterates[s - 1], iterates[s])
    }
    return result
  }
  for t in 1...steps {
    let gamma = 1 / sums(before: t).norms.squareRoot().squareRoot()
    let previous = duals.last ?? [0, 0]
    let x = iterates[t - 1]
    let half = [x[0] - gamma * previous[0], x[1] - gamma * previous[1]]
    duals.append([half[1], -half[0]])
    let next = sums(before: t + 1)
    let eta = 1 / (next.norms + next.movements).squareRoot()
    let sum = duals.reduce([0, 0]) { [$0[0] + $1[0], $0[1] + $1[1]] }
    iterates.append([start[0] - eta * sum[0], start[1] - eta * sum[1]])
    result.append(TrajectoryPoint(lookahead: half, iterate: iterates[t], anchorStep: eta))
  }
  return result
}
