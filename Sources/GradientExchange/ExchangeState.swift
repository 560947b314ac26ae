public import Quantization

/// What an exchange remembers from call to call, for checkpoints.
public struct ExchangeState: Codable, Sendable {
  /// The encoded plan in force, levels and code tables included.
  public var plan: [UInt8]
  /// The decoded vector that this rank sent last.
  public var own: [Float]
  /// What was observed since the last update, by the name of the group of layers.
  public var statistics: [String: ChosenEstimate]
  /// What was observed since the last update for the choice of dithered steps.
  var steps: StepStatistics?
  /// What was sent.
  public var traffic: TrafficReport
}
