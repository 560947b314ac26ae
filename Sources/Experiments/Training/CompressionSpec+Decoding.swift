import GradientExchange
import Quantization
import WireFormat

extension CompressionSpec {
  /// Reads a spec in which any setting may be missing, and then has its default; unknown settings are errors.
  public init(from decoder: any Decoder) throws {
    let given = try decoder.container(keyedBy: AnyKey.self)
    for key in given.allKeys where CodingKeys(stringValue: key.stringValue) == nil {
      let known = CodingKeys.allCases.map(\.rawValue).sorted().joined(separator: ", ")
      throw Swift.DecodingError.dataCorruptedError(
        forKey: key, in: given, debugDescription: "there is no such setting; the settings are \(known)")
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func read<Value: Decodable>(_ key: CodingKeys, into value: inout Value) throws {
      if let found = try container.decodeIfPresent(Value.self, forKey: key) { value = found }
    }
    self.init()
    try read(.bits, into: &bits)
    try read(.typeBits, into: &typeBits)
    try read(.method, into: &method)
    try read(.model, into: &model)
    try read(.weighting, into: &weighting)
    try read(.grouping, into: &grouping)
    try read(.code, into: &code)
    try read(.coding, into: &coding)
    try read(.schedule, into: &schedule)
    try read(.nonFinite, into: &nonFinite)
    fixedMultiplier = try container.decodeIfPresent(Float.self, forKey: .fixedMultiplier)
    normExponent = try container.decodeIfPresent(Double.self, forKey: .normExponent)
    if container.contains(.bucket) { bucket = try container.decode(Int?.self, forKey: .bucket) }
  }

  /// Writes all settings; a bucket of the whole vector is null and not left out, because its default is not null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(bits, forKey: .bits)
    try container.encode(typeBits, forKey: .typeBits)
    try container.encode(method, forKey: .method)
    try container.encode(model, forKey: .model)
    try container.encode(weighting, forKey: .weighting)
    try container.encode(grouping, forKey: .grouping)
    try container.encode(code, forKey: .code)
    try container.encode(coding, forKey: .coding)
    try container.encode(schedule, forKey: .schedule)
    try container.encode(nonFinite, forKey: .nonFinite)
    try container.encodeIfPresent(fixedMultiplier, forKey: .fixedMultiplier)
    try container.encodeIfPresent(normExponent, forKey: .normExponent)
    try container.encode(bucket, forKey: .bucket)
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case bits, typeBits, method, model, weighting, grouping, code, coding, schedule, nonFinite
    case fixedMultiplier, normExponent, bucket
  }
}

private struct AnyKey: CodingKey {
  let stringValue: String
  let intValue: Int? = nil

  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
