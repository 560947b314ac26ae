/// The levels and steps that the workers agreed on.
public struct LevelsRecord: LogRecord, Hashable {
  public static var kind: String? { "levels" }

  public var step: Int
  /// How often levels were agreed on before; the first agreement is epoch 1, the initial levels are epoch 0.
  public var epoch: Int
  /// The levels of each layer type, increasing, from 0 to 1 or from -1 to 1.
  public var levels: [String: [Double]]
  /// The dithered step of each layer type, in units of the vector's root mean square.
  public var steps: [String: Double]

  /// The levels from the step after `step` on.
  public init(step: Int, epoch: Int, levels: [String: [Double]], steps: [String: Double] = [:]) {
    self.step = step
    self.epoch = epoch
    self.levels = levels
    self.steps = steps
  }
}

extension LevelsRecord {
  private enum CodingKeys: CodingKey { case step, epoch, levels, steps }

  /// Reads a record; those of runs before there were dithered steps have none.
  ///
  /// - Parameter decoder: The source.
  /// - Throws: A `DecodingError`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      step: try container.decode(Int.self, forKey: .step), epoch: try container.decode(Int.self, forKey: .epoch),
      levels: try container.decode([String: [Double]].self, forKey: .levels),
      steps: try container.decodeIfPresent([String: Double].self, forKey: .steps) ?? [:])
  }
}
