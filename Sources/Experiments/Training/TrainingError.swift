/// Why a training run did not start or did not end.
public enum TrainingError: Error, CustomStringConvertible {
  /// The package was built without LibTorch.
  case needsTorch
  /// A setting is impossible; the text says which, and what is possible.
  case setting(String)
  /// The data set has images of a shape that the networks cannot take.
  case images(String)
  /// The folder already holds a run.
  case folderHoldsRun(String)
  /// The checkpoint or the manifest in the folder is of another run.
  case foreignCheckpoint(String)
  /// The replicas of the parameters differ between workers.
  case replicasDiffer(step: Int)
  /// The numbers of the run left the range of finite numbers.
  case notFinite(step: Int)
  /// The run was asked to stop, and wrote a checkpoint of its last step into the folder.
  case stopped(step: Int, folder: String)

  public var description: String {
    switch self {
    case .needsTorch: "This build has no LibTorch; build with `swift build -c release --traits Torch`."
    case .setting(let text), .images(let text), .foreignCheckpoint(let text): text
    case .folderHoldsRun(let path):
      "'\(path)' already holds a run; choose another --out, or go on with it by --resume '\(path)'."
    case .replicasDiffer(let step): "The workers hold different parameters after step \(step): a bug, please report it."
    case .notFinite(let step):
      "The parameters are no longer finite after step \(step); a smaller learning rate or --scale may help."
    case .stopped(let step, let path): "Stopped after step \(step) as asked; go on with it by --resume '\(path)'."
    }
  }
}
