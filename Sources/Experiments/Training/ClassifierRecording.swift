import Foundation
import LaminaNumerics
import NeuralNetworks
import Quantization
import VariationalInequalities

/// The training of a small classifier by one worker, of which gradients are kept.
package struct ClassifierRecording: Sendable {
  /// Images of 32 by 32 pixels.
  package var dataset: ImageDataset
  /// Channels of the first layer.
  package var width = 32
  /// Images of a batch.
  package var batchSize = 64
  /// The learning rate of Adam.
  package var rate = 1e-3
  /// Names the initial point and the batches.
  package var seed: UInt64 = 1

  /// What a recorded step was like.
  package struct Record: Encodable, Sendable {
    package let step: Int
    /// The cross-entropy of the batch in nats.
    package let loss: Double
    package let file: String
  }

  /// A recording on a data set.
  package init(dataset: ImageDataset) { self.dataset = dataset }

  /// Trains to the last of `steps`, and writes the gradients that they follow to `folder`, with a list of layers.
  ///
  /// - Parameters:
  ///   - steps: Steps counted from 1, at least one.
  ///   - folder: The folder; made if missing.
  ///   - report: Is told every step.
  /// - Returns: What was written, in order, and how many classes there are.
  /// - Throws: A `TorchError`, a ``TrainingError`` where the gradient is not finite, or a ``RunFileError``.
  package func run(
    steps: Set<Int>, folder: String, report: (Int) -> Void
  ) throws -> (records: [Record], classes: Int, classifiesTurns: Bool) {
    guard Torch.isAvailable else { throw TrainingError.needsTorch }
    let classifier = try ClassifierOracle(dataset: dataset, width: width, batchSize: batchSize)
    let key = RandomKey(seed: seed)
    let solver = Adam(AdamRule(learningRates: LearningRates(rate), firstDecay: 0.9, secondDecay: 0.999))
    var state = solver.initialState(at: classifier.initialPoint(key: key.folding(0)))
    var oracle = TimedOracle(classifier)
    var exchange = LocalExchange()
    var records: [Record] = []
    try RunFolder.create(folder)
    try GradientFile.write(layersOf: Self.map(of: classifier.layouts), to: folder + "/layers.txt")
    for step in 1...(steps.max() ?? 1) {
      solver.step(&state, oracle: &oracle, exchange: &exchange, key: key.folding(1))
      guard let loss = classifier.loss, loss.isFinite else { throw TrainingError.notFinite(step: step) }
      report(step)
      guard steps.contains(step) else { continue }
      let file = URL(fileURLWithPath: RunFolder("").gradient(step: step)).lastPathComponent
      try GradientFile.write(oracle.last, to: folder + "/" + file)
      records.append(Record(step: step, loss: loss, file: folder + "/" + file))
    }
    return (records, classifier.classes, classifier.classifiesTurns)
  }

  /// Layers with the types of their kinds.
  private static func map(of layouts: [ParameterLayout]) throws(LayerMapError) -> LayerMap {
    try LayerMap(
      layouts.map { Layer(name: $0.name, type: TrainingPlan.type(of: $0.kind), range: $0.range) })
  }
}
