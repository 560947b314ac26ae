import Collectives
import DistributedVI
import Foundation
import GradientExchange
import LaminaNumerics
import NeuralNetworks
import VariationalInequalities

/// One worker of a run: its oracle, its exchange, and its replica of the solver's state.
struct TrainingWorker<Group: Collective, S: Solver> {
  typealias Checkpoint = TrainingCheckpoint<S.State>

  private let training: WGANTraining
  private let solver: S
  private let group: Group
  private let key: RandomKey
  private let oracleBase: WGANOracle
  private var oracle: TimedOracle<WGANOracle>
  private var exchange: QuantizedExchange<Group>
  private var state: S.State
  private var average: GeneratorAverage
  private var done = 0

  init(_ training: WGANTraining, solver: S, group: Group, from checkpoint: Checkpoint?) throws {
    self.training = training
    self.solver = solver
    self.group = group
    let spec = training.spec
    let network = training.network
    key = RandomKey(seed: spec.seed).folding(WGANTraining.KeyLabel.oracle.rawValue)
    oracleBase = try WGANOracle(
      network: network, dataset: training.dataset, batchSize: spec.batchSize, flips: spec.flips, rank: group.rank)
    oracle = TimedOracle(oracleBase)
    let agreement = spec.compression.map {
      LevelAgreement(
        method: $0.method, model: $0.model, weighting: $0.weighting, grouping: $0.grouping,
        sharedWidth: $0.sharesBits ? $0.bits : nil, bits: $0.quantizer == .dithered ? $0.budget : nil,
        schedule: $0.schedule)
    }
    exchange = QuantizedExchange(
      plan: training.plan, group: group, agreement: agreement,
      options: ExchangeOptions(
        reduction: spec.reduction ?? .allGather, nonFinite: spec.compression?.nonFinite ?? .send,
        threads: training.codecThreads,
        retries: spec.retries ?? 0))
    let start = network.initialPoint(
      key: RandomKey(seed: spec.seed).folding(WGANTraining.KeyLabel.initialPoint.rawValue))
    state = solver.initialState(at: start)
    var mean = start
    if let checkpoint {
      state = checkpoint.solver
      mean = checkpoint.average
      done = checkpoint.step
      if group.rank < checkpoint.exchanges.count {
        try exchange.restore(checkpoint.exchanges[group.rank])
      } else {
        try exchange.join(checkpoint.exchanges[0])
      }
    }
    average = GeneratorAverage(point: mean, range: network.generatorRange, decay: spec.averaging)
  }

  /// Makes sure that all workers go on from the same checkpoint: processes have each read it for themselves.
  func agreeOnStart() throws {
    let found = "\(done) \(ParameterDigest(state.current).text)"
    guard Set(try exchange.link.allGather(Array(found.utf8))).count == 1 else {
      throw TrainingError.foreignCheckpoint(
        "The workers find different checkpoints in '\(training.folder.path)': all must see the same folder.")
    }
  }

  /// Runs to the last step, or until asked to stop.
  ///
  /// - Returns: The digest of the final parameters.
  mutating func run(
    until stop: StopRequest, report: @escaping @Sendable (TrainingProgress) -> Void
  ) throws -> ParameterDigest {
    let spec = training.spec
    let observer =
      group.rank == 0
      ? try TrainingObserver(
        training, from: done, traffic: exchange.traffic, epoch: exchange.plan.levelEpoch, report: report) : nil
    while done < spec.steps {
      let decision = stop.startDecision(in: exchange.link)
      try step(observer)
      if group.rank == 0, training.recordedSteps.contains(done) { try recordGradient() }
      let isLast = done == spec.steps
      let isStopped = try StopRequest.ends(decision) && !isLast
      let isEvaluated = isLast || done % spec.evaluationInterval == 0
      let isSaved = isLast || isStopped || done % spec.checkpointInterval == 0
      if isEvaluated || isSaved { try checkParameters(observer) }
      if isEvaluated { try observer?.evaluate(average.point, step: done) }
      if isSaved { try writeCheckpoint() }
      if isStopped { throw TrainingError.stopped(step: done, folder: training.folder.path) }
    }
    let digest = ParameterDigest(state.current)
    try observer?.finish(step: done, outcome: "completed", digest: digest)
    return digest
  }

  private mutating func step(_ observer: TrainingObserver?) throws {
    let start = ContinuousClock.now
    let before = (compute: oracle.seconds, exchange: exchange.times)
    try solver.step(&state, oracle: &oracle, exchange: &exchange, key: key)
    done += 1
    let total = start.duration(to: .now).inSeconds
    guard exchange.last?.squaredNorms.isFinite ?? true else {
      try observer?.finish(step: done, outcome: "nonFinite", digest: nil)
      throw TrainingError.notFinite(step: done)
    }
    guard let observer, let shown = oracleBase.report else { return }
    guard shown.generatorLoss.isFinite, shown.criticLoss.isFinite else {
      try observer.finish(step: done, outcome: "nonFinite", digest: nil)
      throw TrainingError.notFinite(step: done)
    }
    average.add(state.lookahead, step: done)
    let times = exchange.times.since(before.exchange)
    let compute = oracle.seconds - before.compute
    let encode = times.encode + times.agree
    try observer.observe(
      step: done, oracle: shown, exchange: exchange,
      timing: TimingRecord(
        step: done, compute: compute, encode: encode, exchange: times.exchange, decode: times.decode,
        solver: max(0, total - compute - encode - times.exchange - times.decode), total: total,
        peakMemory: PeakMemory.bytes))
  }

  /// Writes the dual vector of this step with the list of its layers.
  private func recordGradient() throws {
    let folder = training.folder
    try RunFolder.create(folder.gradients)
    try GradientFile.write(layersOf: training.plan.map, to: folder.gradientLayers)
    try GradientFile.write(oracle.last, to: folder.gradient(step: done))
  }

  /// Checks that the parameters are numbers of the networks' precision, and the same on all workers.
  private func checkParameters(_ observer: TrainingObserver?) throws {
    guard state.current.allSatisfy({ Float($0).isFinite }) else {
      try observer?.finish(step: done, outcome: "nonFinite", digest: nil)
      throw TrainingError.notFinite(step: done)
    }
    let digests = try exchange.link.allGather(ParameterDigest(state.current).bytes)
    guard Set(digests).count == 1 else { throw TrainingError.replicasDiffer(step: done) }
  }

  /// Collects what every exchange remembers, and lets worker 0 write it all.
  private func writeCheckpoint() throws {
    let own = try TensorEncoder().encode(exchange.state).encoded()
    let messages = try exchange.link.allGather(own)
    guard group.rank == 0 else { return }
    let exchanges = try messages.map { message in
      try TensorDecoder().decode(ExchangeState.self, from: Safetensors(decoding: message))
    }
    let checkpoint = Checkpoint(
      step: done, solver: state, average: average.point, exchanges: exchanges,
      specification: try training.specification)
    try CheckpointFile.write(checkpoint, to: training.folder.checkpoint)
  }
}
