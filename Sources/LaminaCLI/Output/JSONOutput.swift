import Foundation

/// Results for machines: one JSON object on one line of stdout, keys sorted.
enum JSONOutput {
  /// Prints `value`.
  static func print(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var bytes = try encoder.encode(value)
    bytes.append(0x0A)
    FileHandle.standardOutput.write(bytes)
  }
}

/// A number of a result; JSON has no NaN and no infinity, so these are null.
struct JSONNumber: Encodable {
  let value: Double?

  init(_ value: Double?) { self.value = value }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let value, value.isFinite { try container.encode(value) } else { try container.encodeNil() }
  }
}
