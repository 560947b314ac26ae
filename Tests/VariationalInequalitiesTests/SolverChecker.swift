import Foundation
import LaminaNumerics
import Testing
import VariationalInequalities

/// Asserts every law of ``Solver`` for one solver.
func checkSolver<S: Solver>(_ solver: S) throws {
  checkConvergence(solver)
  checkDeterminism(solver)
  checkBookkeeping(solver)
  try checkResumption(solver)
  checkRepetition(solver)
}

private let game = QuadraticGame.random(
  dimension: 10, strongMonotonicity: 0.5, smoothness: 1, key: RandomKey(seed: 11), gapRadius: 1)
private let start = game.startAtUnitDistance(key: RandomKey(seed: 12)) ?? []
private let noisy = (0..<3).map { ProblemOracle(game, noise: RelativeNoise(standardDeviation: 0.3), rank: $0) }

/// On a strongly monotone game of unit modulus, 5000 exact steps divide the distance to the solution by 20.
private func checkConvergence<S: Solver>(_ solver: S) {
  var oracle = ProblemOracle(game)
  var exchange = LocalExchange()
  let end = solve(
    with: solver, from: solver.initialState(at: start), oracle: &oracle, exchange: &exchange, key: RandomKey(seed: 1),
    stepLimit: 5000)
  let distance = end.point.squaredDistance(to: game.solution ?? []).squareRoot()
  #expect(distance < 0.05)
}

/// Runs three noisy workers and returns the iterates.
private func trajectory<S: Solver>(_ solver: S, seed: UInt64, steps: UInt64) -> [Point] {
  var oracle = StackedOracle(noisy)
  var exchange = StackedExchange(workers: 3)
  var points: [Point] = []
  _ = solve(
    with: solver, from: solver.initialState(at: start), oracle: &oracle, exchange: &exchange,
    key: RandomKey(seed: seed), stepLimit: steps
  ) { state in
    points.append(state.current)
    return true
  }
  return points
}

/// Equal keys give equal trajectories, and other keys give others.
private func checkDeterminism<S: Solver>(_ solver: S) {
  #expect(trajectory(solver, seed: 5, steps: 20) == trajectory(solver, seed: 5, steps: 20))
  #expect(trajectory(solver, seed: 5, steps: 20) != trajectory(solver, seed: 6, steps: 20))
}

/// Messages and samples are as declared, numbered from 0, and the state tells where the last one was taken.
private func checkBookkeeping<S: Solver>(_ solver: S) {
  let key = RandomKey(seed: 9)
  var state = solver.initialState(at: start)
  #expect(state.iteration == 0 && state.current == start && state.lookahead == start)
  #expect(solver.solution(of: state) == start)
  var oracle = RecordingOracle(base: ProblemOracle(game))
  var exchange = RecordingExchange()
  for step in 1...7 as ClosedRange<UInt64> {
    solver.step(&state, oracle: &oracle, exchange: &exchange, key: key)
    #expect(state.iteration == step)
    #expect(state.lookahead == oracle.points.last)
  }
  #expect(oracle.points.count == 7 * solver.oracleCallsPerStep)
  #expect(oracle.keys == (0..<UInt64(7 * solver.oracleCallsPerStep)).map { key.folding($0) })
  #expect(exchange.steps == Array(0..<UInt64(7 * solver.exchangesPerStep)))
}

/// A run that is encoded in the middle, decoded and continued equals the uninterrupted run bit for bit.
private func checkResumption<S: Solver>(_ solver: S) throws {
  let uninterrupted = trajectory(solver, seed: 5, steps: 20)
  for pause in [0, 1, 2, 7] as [UInt64] {
    var oracle = StackedOracle(noisy)
    var exchange = StackedExchange(workers: 3)
    let key = RandomKey(seed: 5)
    let half = solve(
      with: solver, from: solver.initialState(at: start), oracle: &oracle, exchange: &exchange, key: key,
      stepLimit: pause)
    let state = try JSONDecoder().decode(S.State.self, from: JSONEncoder().encode(half.state))
    var restored = try JSONDecoder().decode(StackedExchange.self, from: JSONEncoder().encode(exchange))
    let end = solve(with: solver, from: state, oracle: &oracle, exchange: &restored, key: key, stepLimit: 20)
    #expect(end.state.iteration == 20)
    #expect(end.state.current == uninterrupted[19])
  }
}

/// A step whose exchange fails can be repeated as if nothing had happened.
private func checkRepetition<S: Solver>(_ solver: S) {
  var state = solver.initialState(at: start)
  var oracle = ProblemOracle(game)
  var exchange = FailingExchange()
  while state.iteration < 10 {
    do {
      try solver.step(&state, oracle: &oracle, exchange: &exchange, key: RandomKey(seed: 9))
    } catch {
      #expect(error == .lost)
    }
  }
  var reference = solver.initialState(at: start)
  var reliable = MemorylessExchange()
  for _ in 0..<10 { solver.step(&reference, oracle: &oracle, exchange: &reliable, key: RandomKey(seed: 9)) }
  #expect(state.current == reference.current && state.lookahead == reference.lookahead)
  #expect(solver.solution(of: state) == solver.solution(of: reference))
}

/// Remembers what was asked.
private struct RecordingOracle<Base: Oracle>: Oracle {
  var base: Base
  var points: [Point] = []
  var keys: [RandomKey] = []

  mutating func sample(at x: Point, key: RandomKey) -> DualVector {
    points.append(x)
    keys.append(key)
    return base.sample(at: x, key: key)
  }
}

/// Remembers the numbers of its exchanges.
private struct RecordingExchange: DualExchange {
  var base = LocalExchange()
  var steps: [UInt64] = []

  mutating func exchange(_ local: DualVector, step: UInt64) -> DualAverage {
    steps.append(step)
    return base.exchange(local, step: step)
  }
}

private enum ExchangeFailure: Error { case lost }

/// Tallies that do not depend on earlier exchanges, so that a repeated one changes nothing.
private struct MemorylessExchange: DualExchange {
  mutating func exchange(_ local: DualVector, step: UInt64) -> DualAverage {
    DualAverage(
      mean: local, workers: 1, squaredNorms: local.squaredNorm, squaredChanges: 0.5 * local.squaredNorm)
  }
}

/// Loses every third message.
private struct FailingExchange: DualExchange {
  var base = MemorylessExchange()
  var calls = 0

  mutating func exchange(_ local: DualVector, step: UInt64) throws(ExchangeFailure) -> DualAverage {
    calls += 1
    if calls.isMultiple(of: 3) { throw .lost }
    return base.exchange(local, step: step)
  }
}
