import Lamina
import Testing

/// algorithms.md, section 7.4: A = [[0, 1], [−1, 0]] from X₁ = (1, ½), one worker, nothing rounded but to binary32.
@Suite("Fact 14: golden trajectories over the real exchange")
struct ExchangedTrajectoryTests {
  private struct Step {
    let lookahead: Point
    let current: Point
    let sizes: (lookahead: Double, anchor: Double)
  }

  private func trajectory<Steps: StepSizes>(_ steps: Steps, count: UInt64) throws -> [Step] {
    let rotation = QuadraticGame(AffineOperator(matrix: DenseMatrix([[0, 1], [-1, 0]]), offset: [0, 0]))
    let type = LayerType(rawValue: "values")
    let map = try LayerMap([Layer(name: "values", type: type, range: 0..<2)])
    let plan = try QuantizationPlan(map: map, plans: [type: .exact], seed: 0)
    var exchange = QuantizedExchange<SoloCollective>(plan: plan, group: SoloCollective())
    var oracle = ProblemOracle(rotation)
    let solver = OptimisticDualAveraging(steps: steps)
    var result: [Step] = []
    _ = try solve(
      with: solver, from: solver.initialState(at: [1, 0.5]), oracle: &oracle, exchange: &exchange,
      key: RandomKey(seed: 0), stepLimit: count
    ) { state in
      result.append(Step(lookahead: state.lookahead, current: state.current, sizes: state.stepSizes))
      return true
    }
    return result
  }

  @Test("Fact 14: equation (4), to 1e-6 with dual vectors in binary32")
  func adaptive() throws {
    let lookaheads: [Point] = [
      [1, 0.5], [0.3333333333, 1.8333333333], [-0.9702760156, 1.2881104062], [-0.9303108492, 0.2612571721],
      [-0.5106526967, -0.0459272571],
    ]
    let sizes = [0.6666666667, 0.4728662437, 0.3931743682, 0.3645434307, 0.3581633493]
    let iterates: [Point] = [
      [0.6666666667, 1.1666666667], [-0.1033545687, 1.1304883250], [-0.4238588541, 0.6427448315],
      [-0.4154131109, 0.2932114515], [-0.3741917027, 0.1139334951],
    ]
    for (t, step) in try trajectory(AdaptiveSteps(), count: 5).enumerated() {
      for i in 0..<2 {
        #expect(abs(step.lookahead[i] - lookaheads[t][i]) < 1e-6)
        #expect(abs(step.current[i] - iterates[t][i]) < 1e-6)
      }
      #expect(abs(step.sizes.lookahead - sizes[t]) < 1e-6)
      #expect(step.sizes.lookahead == step.sizes.anchor)
    }
  }

  @Test("Fact 14: Alt keeps γ at or above η, and uses the terms of a step two steps later")
  func separated() throws {
    let steps = try trajectory(SeparatedSteps(exponent: 0.25), count: 50)
    #expect(steps[0].current == [0.5, 1.5])
    #expect(steps[1].lookahead == [0, 2.5])
    // γ₂ = η₂ = 1: step 1 is not yet used.
    #expect(steps[0].sizes.lookahead == 1 && steps[0].sizes.anchor == 1)
    for step in steps { #expect(step.sizes.lookahead >= step.sizes.anchor) }
    // N₁ = ‖(½, −1)‖² and ‖X₁ − X₂‖² are both 1.25.
    #expect(abs(steps[1].sizes.lookahead - 1 / 2.25.squareRoot().squareRoot()) < 1e-6)
    #expect(abs(steps[1].sizes.anchor - 1 / 3.5.squareRoot()) < 1e-6)
  }
}
