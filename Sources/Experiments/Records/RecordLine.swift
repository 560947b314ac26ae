/// A record with its kind beside its own keys.
struct RecordLine<Record: LogRecord>: Encodable {
  let record: Record

  func encode(to encoder: any Encoder) throws {
    try record.encode(to: encoder)
    if let kind = Record.kind {
      var container = encoder.container(keyedBy: RecordHead.CodingKeys.self)
      try container.encode(kind, forKey: .kind)
    }
  }
}

/// What every line has.
struct RecordHead: Decodable {
  let kind: String?
  let step: Int

  enum CodingKeys: String, CodingKey {
    case kind, step
  }
}
