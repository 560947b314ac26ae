import Foundation

/// The one way in which Lamina writes JSON: keys sorted, slashes plain, numbers as short as they read back exactly.
///
/// Equal values give equal bytes. Numbers that JSON cannot hold travel as the strings "nan", "inf" and "-inf".
enum CanonicalJSON {
  static func encode(_ value: some Encodable, pretty: Bool = false) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return [UInt8](try encoder.encode(value))
  }

  static func decode<Value: Decodable>(_ type: Value.Type, from bytes: some Sequence<UInt8>) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(type, from: Data(bytes))
  }

  /// What is wrong with a JSON text, in a few words.
  static func reason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "cannot be read as JSON" }
    func place(_ path: [any CodingKey]) -> String {
      path.isEmpty ? "" : " at \(path.map(\.stringValue).joined(separator: "."))"
    }
    switch error {
    case .keyNotFound(let key, let context):
      return "the key \"\(key.stringValue)\" is missing\(place(context.codingPath))"
    case .typeMismatch(let type, let context): return "expected \(type)\(place(context.codingPath))"
    case .valueNotFound(let type, let context): return "expected \(type), found null\(place(context.codingPath))"
    case .dataCorrupted(let context): return "not valid JSON\(place(context.codingPath))"
    @unknown default: return "cannot be read as JSON"
    }
  }
}
