import Experiments
import Foundation
import GradientExchange
import NeuralNetworks
import Quantization
import Testing
import WireFormat

@Suite("The spec of a training run")
struct TrainingSpecTests {
  private func manifest(of spec: TrainingSpec) throws -> Manifest {
    Manifest(
      commandLine: [], spec: try JSONValue(encoding: spec), workers: spec.workers, dimension: 1,
      dataSet: DataSetFacts(TinyTraining.images), parameters: [], plan: PlanSummary(name: "", isFullPrecision: true),
      created: "")
  }

  @Test("a spec survives its manifest", arguments: TrainingArm.all)
  func roundTrip(arm: TrainingArm) throws {
    let folder = try RunTestFolder()
    var spec = arm.spec
    spec.seed = UInt64(Int64.max)
    spec.solver.generatorRate = 0.1 + 0.2
    spec.compression?.typeBits = ["critic/input": 8, "critic/output": 0]
    spec.compression?.normExponent = 2
    try manifest(of: spec).write(to: folder.file("manifest.json"))
    #expect(try TrainingSpec(manifest: Manifest(path: folder.file("manifest.json"))) == spec)
  }

  @Test("a manifest of something else is one error")
  func foreignManifest() throws {
    var manifest = try manifest(of: TinyTraining.spec())
    for spec in [JSONValue.object([:]), .string("wgan"), .object(["steps": .string("many")])] {
      manifest.spec = spec
      #expect(throws: TrainingError.self) { try TrainingSpec(manifest: manifest) }
    }
  }

  @Test("a plan file may name any settings; the others keep their defaults")
  func planFile() throws {
    func read(_ text: String) throws -> CompressionSpec {
      try JSONDecoder().decode(CompressionSpec.self, from: Data(text.utf8))
    }
    #expect(try read("{}") == CompressionSpec())
    #expect(try read(#"{"bucket": null}"#).scope == .vector)
    #expect(try read(#"{"bucket": 0}"#).scope == .layer)
    let names = try read(#"{"coding": "alternating", "weighting": "norm", "schedule": {"interval": 7}}"#)
    #expect(names.coding == .alternating && names.weighting == .norm)
    #expect(names.schedule == LevelSchedule(interval: 7))
    let spec = try read(
      #"{"bits": 4, "typeBits": {"critic/output": 8, "critic/input": 0}, "method": "optimal", "normExponent": 2}"#)
    #expect(spec.bits == 4 && spec.typeBits == ["critic/output": 8, "critic/input": 0])
    #expect(spec.method == .optimal && spec.norm == .l2 && spec.code == CompressionSpec().code)
    #expect(throws: DecodingError.self) { try read(#"{"bitz": 4}"#) }
    #expect(throws: DecodingError.self) { try read(#"{"bits": "4"}"#) }
    for method in AdaptationMethod.allCases {
      var spec = CompressionSpec()
      spec.method = method
      spec.scope = .vector
      spec.coding = .alternating
      spec.weighting = .unweighted
      #expect(try JSONDecoder().decode(CompressionSpec.self, from: JSONEncoder().encode(spec)) == spec)
    }
  }

  /// What is wrong with a plan file: the setting and the reason, as the command says it.
  private func problem(_ text: String) throws -> String {
    do {
      let compression = try JSONDecoder().decode(CompressionSpec.self, from: Data(text.utf8))
      let spec = TinyTraining.spec { $0.compression = compression }
      _ = try WGANTraining(spec: spec, dataset: TinyTraining.images, folder: "run")
      return "nothing"
    } catch DecodingError.dataCorrupted(let context) {
      return "'\(context.codingPath.map(\.stringValue).joined(separator: "."))': \(context.debugDescription)"
    } catch let error as TrainingError {
      return error.description
    }
  }

  static let plans: [(text: String, says: String)] = [
    (#"{"bits": "five"}"#, "'bits': expected a whole number"), (#"{"bits": 5.5}"#, "'bits': expected a whole number"),
    (#"{"bits": 1}"#, "2 to 8"), (#"{"bits": 9}"#, "2 to 8"), (#"{"bit": 5}"#, "'bit': there is no such setting"),
    (#"{"typeBits": {"critic/input": 1}}"#, "critic/input"), (#"{"typeBits": {"critic/inputs": 4}}"#, "critic/inputs"),
    (#"{"typeBits": {"critic/input": "x"}}"#, "'typeBits.critic/input': expected whole numbers"),
    (#"{"typeBits": 4}"#, "'typeBits': expected"), (#"{"method": "magic"}"#, "'method': expected one of fixed, alq"),
    (#"{"model": 1}"#, "'model': expected one of"), (#"{"grouping": "both"}"#, "layer-wise, global"),
    (#"{"coding": 7}"#, "alternating, main"), (#"{"coding": "both"}"#, "alternating, main"),
    (#"{"weighting": "heavy"}"#, "squared-norm"), (#"{"normExponent": 0.5}"#, "norm"),
    (#"{"normExponent": "two"}"#, "'normExponent': expected a number"), (#"{"bucket": -1}"#, "bucket"),
    (#"{"bucket": 99999999}"#, "bucket"), (#"{"bucket": "all"}"#, "null for the whole vector"),
    (#"{"schedule": 5}"#, "'schedule': expected"), (#"{"schedule": {"interval": 0}}"#, "schedule.interval"),
    (#"{"schedule": {"interval": -1}}"#, "schedule"), (#"{"schedule": {"window": 0}}"#, "window"),
    (#"{"schedule": {"window": 18446744073709551615}}"#, "window"), (#"{"fixedMultiplier": 0.5}"#, "fixed"),
    (#"{"schedule": {"every": 10}}"#, "'schedule.every': there is no such setting"),
    (#"{"method": "fixed", "fixedMultiplier": 1.5}"#, "between 0 and 1"),
    (#"{"quantizer": "eden", "bits": 9}"#, "1 to 8"), (#"{"quantizer": "eden", "sharesBits": true}"#, "Sharing out"),
    (#"{"quantizer": "eden", "bits": 1, "typeBits": {"critic/input": 9}}"#, "1 to 8 bits or 0"),
    (#"{"quantizer": "eden", "bits": 1, "typeBits": {"critic/input": 8, "critic/output": 0}}"#, "nothing"),
    (#"{"quantizer": "eden", "bits": 1, "method": "fixed", "fixedMultiplier": 0.5}"#, "nothing"),
    (#"{"method": "fixed", "fixedMultiplier": 0.001, "bits": 8}"#, "too small"),
  ]

  @Test("a plan file that cannot be has one problem, which names the setting and what is possible", arguments: plans)
  func impossiblePlan(text: String, says: String) throws {
    let problem = try problem(text)
    #expect(problem.contains(says), "\(problem)")
    #expect(!problem.contains("\n"))
  }

  @Test("impossible settings are refused before anything is written")
  func impossible() throws {
    let folder = try RunTestFolder()
    let changes: [(inout TrainingSpec) -> Void] = [
      { $0.workers = 0 }, { $0.workers = 4097 }, { $0.batchSize = 1 }, { $0.steps = 0 }, { $0.averaging = 1 },
      { $0.seed = 1 << 63 },
      { $0.evaluationInterval = 0 }, { $0.checkpointInterval = 0 }, { $0.evaluationSamples = 1 },
      { $0.network.width = 0 }, { $0.network.gradientPenalty = -.infinity }, { $0.network.clipping = 0 },
      { $0.solver.criticRate = .nan }, { $0.solver.firstDecay = 1 }, { $0.solver.secondDecay = -0.1 },
      { $0.solver.steps = .constant(0) }, { $0.compression?.bits = 1 }, { $0.compression?.typeBits = ["none": 4] },
      { $0.compression?.typeBits = ["critic/input": 9] }, { $0.compression?.bucket = -1 },
      { $0.compression?.normExponent = 0.9 }, { $0.compression?.fixedMultiplier = 1 },
    ]
    for (index, change) in changes.enumerated() {
      let spec = TinyTraining.spec(change)
      #expect(throws: TrainingError.self, "change \(index)") {
        try WGANTraining(spec: spec, dataset: TinyTraining.images, folder: folder.file("run"))
      }
    }
    #expect(try folder.names == [])
  }

  @Test("every method has starting levels of every width, which fill its field")
  func startingLevels() throws {
    for method in AdaptationMethod.allCases {
      for bits in 2...8 {
        let spec = TinyTraining.spec {
          $0.compression?.method = method
          $0.compression?.bits = bits
        }
        let plan = try WGANTraining(spec: spec, dataset: TinyTraining.images, folder: "run").plan
        for type in plan.quantizedTypes {
          #expect(plan.plans[type]?.quantizer?.levels.fieldWidth == bits, "\(method) \(bits)")
        }
      }
    }
  }

  @Test(
    "every method adapts the narrowest and the widest levels", .enabled(if: Torch.isAvailable),
    arguments: AdaptationMethod.allCases, [2, 8])
  func widths(method: AdaptationMethod, bits: Int) throws {
    let folder = try RunTestFolder()
    let spec = TinyTraining.spec {
      $0.compression?.method = method
      $0.compression?.bits = bits
      $0.steps = 2
    }
    try TinyTraining.run(spec, in: folder.file("run"))
    #expect(try RunRecords(path: folder.file("run/records.jsonl")).end?.outcome == "completed")
  }
}

@Suite("The layers of the networks")
struct TrainingLayerTests {
  private func plan(_ change: (inout TrainingSpec) -> Void = { _ in }) throws -> QuantizationPlan {
    try WGANTraining(spec: TinyTraining.spec(change), dataset: TinyTraining.images, folder: "run").plan
  }

  private func name(_ type: LayerType) -> String { type.rawValue }

  @Test("a DCGAN has ends of its own, exact biases and normalisation layers, and layers by kind")
  func dcgan() throws {
    let plan = try plan()
    let types = Dictionary(uniqueKeysWithValues: plan.map.layers.map { ($0.name, name($0.type)) })
    #expect(
      types == [
        "generator.linear.weight": "generator/linear", "generator.norm1.weight": "generator/normalisation",
        "generator.norm1.bias": "generator/normalisation", "generator.conv1.weight": "generator/transposed-convolution",
        "generator.norm2.weight": "generator/normalisation", "generator.norm2.bias": "generator/normalisation",
        "generator.conv2.weight": "generator/transposed-convolution",
        "generator.norm3.weight": "generator/normalisation", "generator.norm3.bias": "generator/normalisation",
        "generator.output.weight": "generator/output", "generator.output.bias": "generator/bias",
        "critic.conv1.weight": "critic/input", "critic.conv1.bias": "critic/bias",
        "critic.conv2.weight": "critic/convolution", "critic.conv2.bias": "critic/bias",
        "critic.conv3.weight": "critic/convolution", "critic.conv3.bias": "critic/bias",
        "critic.output.weight": "critic/output", "critic.output.bias": "critic/bias",
      ])
    #expect(
      plan.quantizedTypes.map(name) == [
        "critic/convolution", "critic/input", "critic/output", "generator/linear", "generator/output",
        "generator/transposed-convolution",
      ])
  }

  @Test("a residual network has types for both players, and only weights are rounded")
  func resnet() throws {
    let plan = try plan { $0.network.architecture = .resnet }
    let exact = Set(plan.map.types).subtracting(plan.quantizedTypes)
    #expect(exact.allSatisfy { $0.isExactByDefault })
    #expect(
      plan.quantizedTypes.map(name) == [
        "critic/convolution", "critic/input", "critic/output", "generator/convolution", "generator/linear",
        "generator/output", "generator/transposed-convolution",
      ])
    let rounded = plan.map.layers.filter { plan.plans[$0.type]?.quantizer != nil }
    #expect(rounded.allSatisfy { $0.name.hasSuffix(".weight") })
  }

  @Test("bits by type: more bits, or 0 for exact; full precision is exact throughout")
  func typeBits() throws {
    let mixed = try plan { $0.compression?.typeBits = ["critic/output": 0, "critic/bias": 8, "critic/input": 3] }
    #expect(mixed.plans[LayerType(rawValue: "critic/output")] == .exact)
    #expect(mixed.plans[LayerType(rawValue: "critic/bias")]?.quantizer?.levels.count == 128)
    #expect(mixed.plans[LayerType(rawValue: "critic/input")]?.quantizer?.levels.count == 4)
    #expect(mixed.plans[LayerType(rawValue: "critic/convolution")]?.quantizer?.levels.count == 16)
    let exact = try plan { $0.compression = nil }
    #expect(exact.quantizedTypes == [])
  }

  @Test(
    "clipping keeps the critic in its box", .enabled(if: Torch.isAvailable), arguments: [SolverSpec.Kind.qoda, .adam])
  func clipping(kind: SolverSpec.Kind) throws {
    let folder = try RunTestFolder()
    let spec = TinyTraining.spec {
      $0.network.gradientPenalty = nil
      $0.network.clipping = 0.01
      $0.solver.kind = kind
      $0.solver.leadingConstant = 1
      $0.solver.criticRate = 0.1
    }
    try TinyTraining.run(spec, in: folder.file("run"))
    let point = try TinyTraining.checkpoint(folder.file("run")).solver.current
    let critic = try Manifest(path: folder.file("run/manifest.json")).parameters.first { $0.name.hasPrefix("critic") }
    let start = try #require(critic).offset
    #expect(point[start...].allSatisfy { abs($0) <= 0.01 })
    #expect(point[start...].contains { abs($0) == 0.01 }, "the box is felt")
    #expect(point[..<start].contains { abs($0) > 0.01 }, "the generator is free")
  }
}
