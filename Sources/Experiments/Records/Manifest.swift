/// What a run is: everything that its records follow from.
///
/// All of it is determined by the command and its data except ``created``.
public struct Manifest: Codable, Hashable, Sendable {
  /// The version of the folder's files that this code writes and reads.
  public static let currentFormatVersion = 1

  /// The version of the folder's files.
  public var formatVersion = Manifest.currentFormatVersion
  /// The program and its arguments as the run began; a resumed run keeps them, and its ``spec`` has its steps.
  public var commandLine: [String]
  /// All choices of the run, those by default too. Runs whose specifications differ in "seed" alone are one arm of a
  /// comparison; a string "name" names the arm.
  public var spec: JSONValue
  /// Workers that exchange, in a run that was resumed with others those of its last steps.
  public var workers: Int
  /// Where a run went on with another number of workers, in the order of steps; nil if it never did.
  public var workerChanges: [WorkerChange]?
  /// Coordinates of the vector that is exchanged.
  public var dimension: Int
  /// The images trained on.
  public var dataSet: DataSetFacts
  /// The layers of the vector, in order.
  public var parameters: [ParameterLayout]
  /// How the vector is quantized.
  public var plan: PlanSummary
  /// When the run began, in ISO 8601; the one field that differs between equal commands.
  public var created: String

  /// A change of the number of workers.
  public struct WorkerChange: Codable, Hashable, Sendable {
    /// The steps that had been made.
    public var step: Int
    /// The workers that made them, since the change before.
    public var before: Int
    /// The workers from then on.
    public var after: Int

    /// A change after a step.
    public init(step: Int, before: Int, after: Int) {
      self.step = step
      self.before = before
      self.after = after
    }
  }

  /// A layer of the vector.
  public struct ParameterLayout: Codable, Hashable, Sendable {
    /// The name, such as "generator.conv1.weight".
    public var name: String
    /// The layer type, which shares levels.
    public var type: String
    /// The first coordinate.
    public var offset: Int
    /// Sizes of the dimensions.
    public var shape: [Int]

    /// A layer at an offset.
    public init(name: String, type: String, offset: Int, shape: [Int]) {
      self.name = name
      self.type = type
      self.offset = offset
      self.shape = shape
    }
  }

  /// The manifest of a run that begins.
  ///
  /// - Parameters:
  ///   - commandLine: The program and its arguments.
  ///   - spec: All choices of the run.
  ///   - workers: Workers that exchange, at least 1.
  ///   - dimension: Coordinates of the vector.
  ///   - dataSet: The images trained on.
  ///   - parameters: The layers of the vector.
  ///   - plan: How the vector is quantized.
  ///   - created: When the run began, in ISO 8601.
  public init(
    commandLine: [String], spec: JSONValue, workers: Int, dimension: Int, dataSet: DataSetFacts,
    parameters: [ParameterLayout], plan: PlanSummary, created: String
  ) {
    self.commandLine = commandLine
    self.spec = spec
    self.workers = workers
    self.dimension = dimension
    self.dataSet = dataSet
    self.parameters = parameters
    self.plan = plan
    self.created = created
  }
}
