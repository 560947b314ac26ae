import Quantization

extension DistributionEstimate {
  /// Whether an estimate keeps what it saw before an update: running moments do.
  static var runsOn: Bool { Self.self == MomentStatistics.self }
}
