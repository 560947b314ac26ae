public import Quantization
import WireFormat

/// Which layers share a level sequence.
public enum LevelGrouping: String, Hashable, Sendable, Codable, CaseIterable {
  /// One sequence per layer type: QODA.
  case layerWise = "layer-wise"
  /// One sequence for all types: Q-GenX, ALQ.
  case global
}

/// How workers agree on new levels: what they observe, when, and what they make of it.
public struct LevelAgreement: Hashable, Sendable {
  /// How levels follow from the law of coordinates.
  public var method: AdaptationMethod
  /// What is estimated of that law.
  public var model: EstimateModel
  /// How much a bucket counts.
  public var weighting: NormWeighting
  /// Which layers share levels.
  public var grouping: LevelGrouping
  /// The mean width of the fields that layer types share out among themselves, each with as many levels as keep the total
  /// error least; nil keeps the number of levels of each. Needs the Main protocol, layer-wise histograms and squared
  /// norms.
  public var sharedWidth: Int?
  /// The bits per coordinate of the whole vector, everything counted, that dithered types with one scale may take; nil
  /// keeps their steps.
  public var bits: Double?
  /// When levels and steps are updated.
  public var schedule: LevelSchedule

  /// An agreement.
  public init(
    method: AdaptationMethod = .alq, model: EstimateModel = .histogram, weighting: NormWeighting = .squaredNorm,
    grouping: LevelGrouping = .layerWise, sharedWidth: Int? = nil, bits: Double? = nil,
    schedule: LevelSchedule = LevelSchedule()
  ) {
    self.method = method
    self.model = model
    self.weighting = weighting
    self.grouping = grouping
    self.sharedWidth = sharedWidth
    self.bits = bits
    self.schedule = schedule
  }
}
