/// Makes values from files of ``TensorEncoder``.
public struct TensorDecoder {
  /// A decoder.
  public init() {}

  /// The value in a file.
  ///
  /// - Parameters:
  ///   - type: The type that was encoded.
  ///   - file: Any safetensors file; one of another origin is an error.
  /// - Returns: A value equal to the one encoded, bit for bit.
  /// - Throws: ``SafetensorsError/missingMetadata(key:)`` or a `DecodingError`.
  public func decode<Value: Decodable>(_ type: Value.Type, from file: Safetensors) throws -> Value {
    guard let text = file.metadata[TensorTree.metadataKey] else {
      throw SafetensorsError.missingMetadata(key: TensorTree.metadataKey)
    }
    let tree = try CanonicalJSON.decode(JSONValue.self, from: text.utf8)
    return try TreeDecoder(value: tree, tensors: file.tensors, codingPath: []).value(type)
  }
}

private struct TreeDecoder: Decoder {
  let value: JSONValue
  let tensors: [String: Safetensors.Tensor]
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let members) = value else { throw mismatch([String: JSONValue].self, "an object") }
    return KeyedDecodingContainer(KeyedBranch(decoder: self, members: members))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let elements) = value else { throw mismatch([JSONValue].self, "an array") }
    return UnkeyedBranch(decoder: self, elements: elements)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { SingleBranch(decoder: self) }

  /// The twin of the encoder's `put`.
  func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if let scalar = type as? any TensorScalar.Type {
      guard let value = scalar.init(json: value) as? Value else { throw mismatch(type, "\(type)") }
      return value
    }
    if let array = type as? any TensorConvertible.Type {
      guard case .string(let name)? = value[TensorTree.reference], let tensor = tensors[name],
        let value = array.init(tensor: tensor) as? Value
      else { throw mismatch(type, "a tensor of that type") }
      return value
    }
    return try type.init(from: self)
  }

  func nested(_ value: JSONValue, _ key: some CodingKey) -> TreeDecoder {
    TreeDecoder(value: value, tensors: tensors, codingPath: codingPath + [key])
  }

  func mismatch(_ type: Any.Type, _ expected: String) -> DecodingError {
    .typeMismatch(type, .init(codingPath: codingPath, debugDescription: "expected \(expected)"))
  }
}

private struct KeyedBranch<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: TreeDecoder
  let members: [String: JSONValue]
  var codingPath: [any CodingKey] { decoder.codingPath }
  var allKeys: [Key] { members.keys.compactMap { Key(stringValue: TensorTree.unescaped($0)) } }

  func contains(_ key: Key) -> Bool { members[TensorTree.escaped(key.stringValue)] != nil }

  func decodeNil(forKey key: Key) throws -> Bool { try member(key).value == .null }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try member(key).value(type) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try member(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try member(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { try member(PathKey.superclass) }

  func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }

  private func member(_ key: some CodingKey) throws -> TreeDecoder {
    guard let value = members[TensorTree.escaped(key.stringValue)] else {
      throw DecodingError.keyNotFound(
        key, .init(codingPath: codingPath, debugDescription: "no key \"\(key.stringValue)\""))
    }
    return decoder.nested(value, key)
  }
}

private struct UnkeyedBranch: UnkeyedDecodingContainer {
  let decoder: TreeDecoder
  let elements: [JSONValue]
  private(set) var currentIndex = 0
  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }

  init(decoder: TreeDecoder, elements: [JSONValue]) {
    self.decoder = decoder
    self.elements = elements
  }

  mutating func decodeNil() throws -> Bool {
    guard try current().value == .null else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value = try current().value(type)
    currentIndex += 1
    return value
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    let container = try current().container(keyedBy: type)
    currentIndex += 1
    return container
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let container = try current().unkeyedContainer()
    currentIndex += 1
    return container
  }

  mutating func superDecoder() throws -> any Decoder {
    let decoder = try current()
    currentIndex += 1
    return decoder
  }

  private func current() throws -> TreeDecoder {
    let key = PathKey(intValue: currentIndex)
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        JSONValue.self, .init(codingPath: codingPath + [key], debugDescription: "the array has ended"))
    }
    return decoder.nested(elements[currentIndex], key)
  }
}

private struct SingleBranch: SingleValueDecodingContainer {
  let decoder: TreeDecoder
  var codingPath: [any CodingKey] { decoder.codingPath }

  func decodeNil() -> Bool { decoder.value == .null }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoder.value(type) }
}
