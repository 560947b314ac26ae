import Experiments
import Foundation
import NeuralNetworks
import Testing

@Suite("Recorded gradients", .enabled(if: Torch.isAvailable))
struct RecordedGradientTests {
  @Test("Recording writes the dual vectors asked for with their layers, and changes nothing else of the run")
  func recording() throws {
    let plain = try RunTestFolder()
    let recorded = try RunTestFolder()
    let spec = TinyTraining.spec { $0.steps = 3 }
    try TinyTraining.run(spec, in: plain.file("run"))
    var training = try WGANTraining(spec: spec, dataset: TinyTraining.images, folder: recorded.file("run"))
    training.recordedSteps = [1, 3, 7]
    try training.start(commandLine: ["lamina", "train", "wgan"], threads: 2) { _ in }
    #expect(try TinyTraining.outcome(of: recorded.file("run")) == TinyTraining.outcome(of: plain.file("run")))

    let folder = RunFolder(recorded.file("run"))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.gradients).sorted()
    #expect(names == ["layers.txt", "step-000001.f32", "step-000003.f32"])
    let layers = try recorded.text("run/gradients/layers.txt").dropLast().split(separator: ",")
    let counts = layers.compactMap { Int($0.split(separator: ":")[1]) }
    let size = try Data(contentsOf: URL(fileURLWithPath: folder.gradient(step: 3))).count
    #expect(counts.count == layers.count && 4 * counts.reduce(0, +) == size)
    #expect(!FileManager.default.fileExists(atPath: RunFolder(plain.file("run")).gradients))
  }

  @Test("The gradients of a classifier are written with the layers that the command reads")
  func classifier() throws {
    let folder = try RunTestFolder()
    var recording = ClassifierRecording(dataset: TinyTraining.images)
    recording.width = 2
    recording.batchSize = 4
    let result = try recording.run(steps: [2, 3], folder: folder.file("gradients")) { _ in }
    #expect(result.records.map(\.step) == [2, 3])
    #expect(result.classes == 4 && result.classifiesTurns)
    #expect(try folder.text("gradients/layers.txt").hasPrefix("classifier.conv1.weight:96:convolution,"))
  }
}
