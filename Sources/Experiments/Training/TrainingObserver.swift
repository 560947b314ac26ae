import Foundation
import GradientExchange
import LaminaNumerics
import NeuralNetworks
import VariationalInequalities
import WireFormat

/// What worker 0 writes while a run goes on: records, timings, curves, sample grids.
///
/// Only facts that are the same in every execution of a spec go to the records; seconds go to the timings.
final class TrainingObserver {
  private let spec: TrainingSpec
  private let network: WGANNetwork
  private let folder: RunFolder
  private let records: RecordLog
  private let timings: RecordLog
  private let events: EventFile
  private let distance: FrechetDistance
  private let report: @Sendable (TrainingProgress) -> Void
  private let started = ContinuousClock.now
  private let firstStep: Int
  private var traffic: TrafficReport
  private var epoch: UInt32
  private var frechet: (pixels: Double, features: Double)?

  init(
    _ training: WGANTraining, from step: Int, traffic: TrafficReport, epoch: UInt32,
    report: @escaping @Sendable (TrainingProgress) -> Void
  ) throws {
    spec = training.spec
    network = training.network
    folder = training.folder
    self.report = report
    self.traffic = traffic
    self.epoch = epoch
    firstStep = step
    if step == 0 {
      let isNew = !FileManager.default.fileExists(atPath: folder.records)
      records = try RecordLog(path: folder.records)
      timings = try RecordLog(path: folder.timings)
      events = try EventFile(folder: folder.path, resumingAfter: isNew ? nil : 0)
    } else {
      records = try RecordLog(resuming: folder.records, after: step)
      timings = try RecordLog(resuming: folder.timings, after: step)
      events = try EventFile(folder: folder.path, resumingAfter: step)
    }
    distance = try FrechetDistance(real: training.dataset, sampleCount: spec.evaluationSamples)
    if step == 0 {
      try records.append(
        FloorRecord(pixelFrechet: distance.floor.pixels, featureFrechet: distance.floor.texture))
    }
  }

  /// Writes what a step showed.
  func observe<Group>(
    step: Int, oracle: WGANReport, exchange: QuantizedExchange<Group>, timing: TimingRecord
  ) throws {
    let sent = exchange.traffic.since(traffic)
    traffic = exchange.traffic
    let last = exchange.last
    let error = last.flatMap { $0.squaredNorm > 0 ? $0.squaredError / $0.squaredNorm : nil }
    try records.append(
      StepRecord(
        step: step, lossGenerator: oracle.generatorLoss, lossCritic: oracle.criticLoss,
        bytes: Double(sent.totalBits) / 8, bitsPerCoordinate: sent.bitsPerCoordinate,
        normalizedError: spec.compression == nil ? nil : error, traffic: Self.table(sent),
        exactBuckets: last?.exactBuckets, resentMessages: sent.retries.flatMap { $0.messages > 0 ? $0.messages : nil }))
    if exchange.plan.levelEpoch != epoch {
      epoch = exchange.plan.levelEpoch
      try records.append(Self.levels(of: exchange.plan, step: step))
    }
    try timings.append(timing)
    try events.scalar(oracle.wasserstein, tag: "critic/wasserstein", step: step)
    try events.scalar(oracle.criticLoss, tag: "loss/critic", step: step)
    try events.scalar(oracle.generatorLoss, tag: "loss/generator", step: step)
    try events.scalar(sent.bitsPerCoordinate, tag: "traffic/bits per coordinate", step: step)
    if let error { try events.scalar(error, tag: "quantization/normalised error", step: step) }
    report(
      TrainingProgress(
        step: step, steps: spec.steps, elapsed: started.duration(to: .now).inSeconds, stepsHere: step - firstStep,
        wasserstein: oracle.wasserstein, bitsPerCoordinate: traffic.bitsPerCoordinate, frechet: frechet))
  }

  /// Evaluates the averaged generator and draws its samples.
  func evaluate(_ average: Point, step: Int) throws {
    let key = RandomKey(seed: spec.seed).folding(WGANTraining.KeyLabel.evaluation.rawValue)
    let samples = try network.samples(spec.evaluationSamples, at: average, key: key)
    let scores = try distance.scores(of: samples)
    frechet = (scores.pixels, scores.texture)
    try records.append(
      EvaluationRecord(step: step, pixelFrechet: scores.pixels, featureFrechet: scores.texture))
    try events.scalar(scores.pixels, tag: "Fréchet distance/pixels", step: step)
    try events.scalar(scores.texture, tag: "Fréchet distance/features", step: step)
    let grid = SampleGrid(columns: 10).image(of: samples.selecting(Array(0..<min(100, samples.count))))
    let png = try grid.encoded()
    try AtomicFile.write(png, to: folder.sample(step: step))
    try events.image(grid, png: png, tag: "samples", step: step)
  }

  /// Writes how the run ended.
  func finish(step: Int, outcome: String, digest: ParameterDigest?) throws {
    try records.append(EndRecord(step: step, outcome: outcome, digest: digest?.text))
  }

  private static func table(_ traffic: TrafficReport) -> [String: StepRecord.Traffic] {
    var table: [String: StepRecord.Traffic] = [:]
    for (type, bits) in traffic.byType {
      table[type.rawValue] = StepRecord.Traffic(
        norms: Double(bits.norms), symbols: Double(bits.symbols), overhead: Double(bits.overhead))
    }
    table["frame headers"] = StepRecord.Traffic(
      norms: Double(traffic.vectorNorms), symbols: 0, overhead: Double(traffic.framing))
    if traffic.agreement > 0 {
      table["level agreement"] = StepRecord.Traffic(norms: 0, symbols: 0, overhead: Double(traffic.agreement))
    }
    if let retries = traffic.retries {
      table["retries"] = StepRecord.Traffic(norms: 0, symbols: 0, overhead: Double(retries.bits))
    }
    return table
  }

  private static func levels(of plan: QuantizationPlan, step: Int) -> LevelsRecord {
    var levels: [String: [Double]] = [:]
    for type in plan.quantizedTypes {
      levels[type.rawValue] = plan.plans[type]?.quantizer?.levels.values.map(Double.init)
    }
    var steps: [String: Double] = [:]
    for type in plan.ditheredTypes {
      if case .relative(let factor, _)? = plan.plans[type]?.ditheredQuantizer?.step {
        steps[type.rawValue] = Double(factor)
      }
    }
    return LevelsRecord(step: step, epoch: Int(plan.levelEpoch), levels: levels, steps: steps)
  }
}
