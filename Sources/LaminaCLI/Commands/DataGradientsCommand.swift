import ArgumentParser
import Experiments
import NeuralNetworks

/// `lamina data gradients`.
struct DataGradientsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gradients",
    abstract: "Record gradients of a small convolutional classifier.",
    discussion: """
      Trains three convolutions and a linear layer by Adam, one worker, and writes the gradients of some steps as raw \
      binary32 numbers, with the list of their layers in layers.txt, for 'lamina bench distortion' and 'lamina encode'. \
      The classes are the labels of the images; where there is only one label, as with the emoji, the classifier tells by \
      how many quarter turns an image was turned (arXiv 1803.07728). Gradients of a Wasserstein GAN are recorded by \
      'lamina train wgan --record-gradients'.

      EXAMPLES
        lamina data gradients --data data/emoji --steps 10,100 \\
          --out runs/classifier
        lamina bench distortion --file runs/classifier/step-000100.f32 \\
          --layers-file runs/classifier/layers.txt
      """)

  @Option(help: ArgumentHelp("The folder of the images: CIFAR-10 or CIFAR-100 binary, or MNIST IDX.", valueName: "dir"))
  var data: String

  @Option(help: "The steps whose gradients are written, with commas; the last one ends the training.")
  var steps: String

  @Option(help: ArgumentHelp("The folder to write to; made if missing.", valueName: "dir"))
  var out: String

  @Option(help: "Channels of the first layer.")
  var width = 32

  @Option(help: "Images of a batch.")
  var batch = 64

  @Option(help: "The learning rate of Adam.")
  var learningRate = 1e-3

  @Option(help: "The seed of the initial point and of the batches.")
  var seed: UInt64 = 1

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    _ = try StepList(parsing: steps, flag: "--steps")
    guard !data.isEmpty, !out.isEmpty else { throw ValidationError("--data and --out name folders") }
    guard (1...4096).contains(width) else { throw ValidationError("--width is 1 to 4096, not \(width)") }
    guard (1...65536).contains(batch) else { throw ValidationError("--batch is 1 to 65536, not \(batch)") }
    guard learningRate > 0, learningRate.isFinite else {
      throw ValidationError("--learning-rate is a positive number, not \(learningRate)")
    }
  }

  func run() throws {
    let steps = try StepList(parsing: steps, flag: "--steps").steps
    let dataset = try ImageDataset(folder: data)
    guard dataset.height == 32, dataset.width == 32 else {
      throw CommandFailure("'\(dataset.name)' has images of \(dataset.width) by \(dataset.height) pixels, not 32 by 32")
    }
    var recording = ClassifierRecording(dataset: dataset)
    recording.width = width
    recording.batchSize = batch
    recording.rate = learningRate
    recording.seed = seed
    let line = ProgressLine(unit: "steps", isShown: StandardError.isTerminal && !json)
    defer { line.finish() }
    let last = steps.max() ?? 1
    let result = try recording.run(steps: steps, folder: out) { line.update($0, of: last) }
    line.finish()
    if json {
      return try JSONOutput.print(
        Summary(classes: result.classes, classifiesTurns: result.classifiesTurns, records: result.records))
    }
    print("\(dataset.name): \(result.classes) \(result.classifiesTurns ? "quarter turns" : "classes")")
    for record in result.records { print("step \(record.step), loss \(Figure.short(record.loss)): \(record.file)") }
  }

  private struct Summary: Encodable {
    let classes: Int
    let classifiesTurns: Bool
    let records: [ClassifierRecording.Record]
  }
}
