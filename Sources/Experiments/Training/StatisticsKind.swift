/// What is fitted to the normalised coordinates of a layer type.
public enum StatisticsKind: String, Hashable, Sendable, Codable, CaseIterable {
  /// A weighted histogram: right for any distribution.
  case histogram
  /// A truncated normal per bucket, the parametric form of arXiv 2010.12460; fails on heavy tails.
  case normalMixture = "normal"
  /// One truncated normal from exponentially averaged moments.
  case moments
}
