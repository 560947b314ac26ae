import Foundation

/// The folder of a run: which file is where.
///
/// ```
/// DIR/manifest.json             what was run
/// DIR/records.jsonl             what happened, determined by the command
/// DIR/timings.jsonl             how long it took
/// DIR/events.out.tfevents.*     the same for TensorBoard
/// DIR/samples/step-000500.png   grids of generated images
/// DIR/checkpoint.safetensors    the state to go on from
/// DIR/gradients/step-000500.f32 dual vectors of worker 0, where they are asked for
/// DIR/gradients/layers.txt      the layers of these
/// ```
public struct RunFolder: Hashable, Sendable {
  /// The folder.
  public let path: String

  /// The folder at `path`, which need not exist.
  public init(_ path: String) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
  }

  /// The last part of the path.
  public var name: String { URL(fileURLWithPath: path).lastPathComponent }
  /// See ``Manifest``.
  public var manifest: String { path + "/manifest.json" }
  /// See ``RecordLog``.
  public var records: String { path + "/records.jsonl" }
  /// See ``TimingRecord``.
  public var timings: String { path + "/timings.jsonl" }
  /// See ``CheckpointFile``.
  public var checkpoint: String { path + "/checkpoint.safetensors" }
  /// The folder of the sample grids.
  public var samples: String { path + "/samples" }

  /// The folder of recorded dual vectors.
  public var gradients: String { path + "/gradients" }
  /// The layers of recorded dual vectors, as `lamina bench distortion --layers-file` reads them.
  public var gradientLayers: String { gradients + "/layers.txt" }

  /// The grid of a step.
  public func sample(step: Int) -> String { samples + "/" + Self.name(of: step) + ".png" }

  /// The dual vector of a step.
  public func gradient(step: Int) -> String { gradients + "/" + Self.name(of: step) + ".f32" }

  private static func name(of step: Int) -> String {
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  /// Makes the folder and the folder of its samples.
  ///
  /// - Throws: ``RunFileError/malformed(path:line:reason:)``.
  public func create() throws(RunFileError) { try Self.create(samples) }

  /// Makes a folder and those it lies in.
  static func create(_ folder: String) throws(RunFileError) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw .malformed(path: folder, line: nil, reason: "the folder cannot be made: \(error.localizedDescription)")
    }
  }

  /// The steps of which there is a grid, in order.
  public var sampleSteps: [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: samples)) ?? []
    let steps = names.compactMap { name -> Int? in
      guard name.hasPrefix("step-"), name.hasSuffix(".png") else { return nil }
      return Int(name.dropFirst("step-".count).dropLast(".png".count))
    }
    return steps.sorted()
  }
}
