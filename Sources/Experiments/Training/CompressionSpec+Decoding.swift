import GradientExchange
import Quantization
import WireFormat

extension CompressionSpec {
  /// Reads a spec in which any setting may be missing, and then has its default; unknown settings are errors.
  ///
  /// - Parameter decoder: The source.
  /// - Throws: A `DecodingError` whose coding path names the setting and whose description says what was expected.
  public init(from decoder: any Decoder) throws {
    try SettingName.check(decoder, among: CodingKeys.allCases)
    self.init()
    let settings = Settings(container: try decoder.container(keyedBy: CodingKeys.self))
    try settings.read(.quantizer, into: &quantizer, oneOf: QuantizerKind.allCases.map(\.rawValue))
    if quantizer == .dithered { schedule = .steps }
    try settings.read(.budget, into: &budget, "a number")
    try settings.read(.bits, into: &bits, "a whole number")
    try settings.read(.typeBits, into: &typeBits, "whole numbers by layer type")
    try settings.read(.sharesBits, into: &sharesBits, "true or false")
    try settings.read(.method, into: &method, oneOf: AdaptationMethod.allCases.map(\.rawValue))
    try settings.read(.model, into: &model, oneOf: EstimateModel.allCases.map(\.rawValue))
    try settings.read(.weighting, into: &weighting, named: Self.weightingNames)
    try settings.read(.grouping, into: &grouping, oneOf: LevelGrouping.allCases.map(\.rawValue))
    try settings.read(.code, into: &code, oneOf: LayerCode.Kind.allCases.map(\.rawValue))
    try settings.read(.coding, into: &coding, named: Self.codingNames)
    try settings.read(.schedule, into: &schedule, "early steps, and an interval and a window of at least 1")
    if settings.container.contains(.schedule) {
      try SettingName.check(settings.container.superDecoder(forKey: .schedule), among: ScheduleKeys.allCases)
    }
    try settings.read(.nonFinite, into: &nonFinite, oneOf: NonFinitePolicy.allCases.map(\.rawValue))
    try settings.read(.fixedMultiplier, into: &fixedMultiplier, "a number")
    try settings.read(.normExponent, into: &normExponent, "a number")
    if settings.container.contains(.bucket) {
      bucket = nil
      try settings.read(.bucket, into: &bucket, "a whole number, or null for the whole vector")
    }
  }

  /// Writes all settings; a bucket of the whole vector is null and not left out, because its default is not null.
  ///
  /// - Parameter encoder: The target.
  /// - Throws: What the target throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(quantizer, forKey: .quantizer)
    try container.encode(budget, forKey: .budget)
    try container.encode(bits, forKey: .bits)
    try container.encode(typeBits, forKey: .typeBits)
    try container.encode(sharesBits, forKey: .sharesBits)
    try container.encode(method, forKey: .method)
    try container.encode(model, forKey: .model)
    try container.encode(Self.weightingNames.first { $0.value == weighting }?.key, forKey: .weighting)
    try container.encode(grouping, forKey: .grouping)
    try container.encode(code, forKey: .code)
    try container.encode(Self.codingNames.first { $0.value == coding }?.key, forKey: .coding)
    try container.encode(schedule, forKey: .schedule)
    try container.encode(nonFinite, forKey: .nonFinite)
    try container.encodeIfPresent(fixedMultiplier, forKey: .fixedMultiplier)
    try container.encodeIfPresent(normExponent, forKey: .normExponent)
    try container.encode(bucket, forKey: .bucket)
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case quantizer, budget, bits, typeBits, sharesBits, method, model, weighting, grouping, code, coding, schedule,
      nonFinite
    case fixedMultiplier, normExponent, bucket
  }

  private enum ScheduleKeys: CodingKey, CaseIterable { case early, interval, window }

  // These two have numbers of the wire format as raw values; people write names.
  private static let weightingNames: [String: NormWeighting] = [
    "squared-norm": .squaredNorm, "norm": .norm, "unweighted": .unweighted,
  ]
  private static let codingNames: [String: CodingProtocol] = ["main": .main, "alternating": .alternating]
}

/// Settings that may be missing, with errors for people.
private struct Settings {
  typealias Keys = CompressionSpec.CodingKeys
  let container: KeyedDecodingContainer<Keys>

  func read<Value: Decodable>(_ key: Keys, into value: inout Value, _ expected: String) throws {
    if let found = try self.value(key, Value.self, expected) { value = found }
  }

  func read<Value: Decodable>(_ key: Keys, into value: inout Value?, _ expected: String) throws {
    if let found = try self.value(key, Value.self, expected) { value = found }
  }

  func read<Value: Decodable>(_ key: Keys, into value: inout Value, oneOf names: [String]) throws {
    try read(key, into: &value, "one of \(names.joined(separator: ", "))")
  }

  func read<Value>(_ key: Keys, into value: inout Value, named names: [String: Value]) throws {
    let expected = "one of \(names.keys.sorted().joined(separator: ", "))"
    guard let name = try self.value(key, String.self, expected) else { return }
    guard let found = names[name] else { throw Self.error([key], expected) }
    value = found
  }

  /// The value of a key, nil where it is missing or null.
  private func value<Value: Decodable>(_ key: Keys, _ type: Value.Type, _ expected: String) throws -> Value? {
    do {
      return try container.decodeIfPresent(type, forKey: key)
    } catch {
      // A number that does not fit comes without a path, as an error that only the decoder knows.
      let path = (error as? Swift.DecodingError)?.path ?? []
      throw Self.error(path.isEmpty ? [key] : path, expected)
    }
  }

  private static func error(_ path: [any CodingKey], _ expected: String) -> Swift.DecodingError {
    .dataCorrupted(.init(codingPath: path, debugDescription: "expected \(expected)"))
  }
}

extension Swift.DecodingError {
  fileprivate var path: [any CodingKey] {
    switch self {
    case .dataCorrupted(let context), .keyNotFound(_, let context), .typeMismatch(_, let context),
      .valueNotFound(_, let context):
      context.codingPath
    @unknown default: []
    }
  }
}

/// Any key, to find those that mean nothing.
private struct SettingName: CodingKey {
  let stringValue: String
  let intValue: Int? = nil

  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }

  /// Throws for a key that is not among `known`.
  static func check<Key: CodingKey>(_ decoder: any Decoder, among known: [Key]) throws {
    let given = try decoder.container(keyedBy: SettingName.self)
    let names = known.map(\.stringValue)
    for key in given.allKeys where !names.contains(key.stringValue) {
      throw Swift.DecodingError.dataCorruptedError(
        forKey: key, in: given,
        debugDescription: "there is no such setting; the settings are \(names.sorted().joined(separator: ", "))")
    }
  }
}
