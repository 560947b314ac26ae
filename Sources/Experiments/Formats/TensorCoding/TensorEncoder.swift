/// Stores any Codable value in a safetensors file.
///
/// Arrays of Float, Double, UInt8 and Int64 become tensors named by their key path, copied as blocks; every other value
/// goes to one JSON entry of the metadata. All bits survive, those of NaN too.
///
/// ```swift
/// try AtomicFile.write(TensorEncoder().encode(state).encoded(), to: path)
/// ```
public struct TensorEncoder {
  /// An encoder.
  public init() {}

  /// The file of a value.
  ///
  /// - Parameter value: Anything Encodable.
  /// - Returns: A file from which ``TensorDecoder`` makes an equal value.
  /// - Throws: What `value` throws when it is encoded.
  /// - Complexity: One copy of each array; a boxed value per other scalar.
  public func encode(_ value: some Encodable) throws -> Safetensors {
    let store = TensorStore()
    let root = TreeNode()
    try TreeEncoder(node: root, store: store, codingPath: []).put(value, in: root, at: [])
    let tree = String(decoding: try CanonicalJSON.encode(root.tree), as: UTF8.self)
    return Safetensors(tensors: store.tensors, metadata: [TensorTree.metadataKey: tree])
  }
}

/// The tensors met so far.
private final class TensorStore {
  private(set) var tensors: [String: Safetensors.Tensor] = [:]

  /// Keeps a tensor under a free name near `name`: keys that contain points can make two paths look alike.
  func add(_ tensor: Safetensors.Tensor, named name: String) -> String {
    var free = name
    var attempt = 1
    while tensors[free] != nil || free == SafetensorsHeader.metadataKey {
      attempt += 1
      free = "\(name)#\(attempt)"
    }
    tensors[free] = tensor
    return free
  }
}

/// A place of the tree that containers fill.
private final class TreeNode {
  enum Content {
    case empty
    case leaf(JSONValue)
    case array([TreeNode])
    case object([String: TreeNode])
  }

  var content = Content.empty

  var tree: JSONValue {
    switch content {
    case .empty: .object([:])
    case .leaf(let value): value
    case .array(let nodes): .array(nodes.map(\.tree))
    case .object(let nodes): .object(nodes.mapValues(\.tree))
    }
  }

  func child(_ key: String) -> TreeNode {
    let node = TreeNode()
    if case .object(var nodes) = content {
      content = .empty
      nodes[TensorTree.escaped(key)] = node
      content = .object(nodes)
    } else {
      content = .object([TensorTree.escaped(key): node])
    }
    return node
  }

  func append() -> TreeNode {
    let node = TreeNode()
    if case .array(var nodes) = content {
      // Empties the place first, so that the array is not copied.
      content = .empty
      nodes.append(node)
      content = .array(nodes)
    } else {
      content = .array([node])
    }
    return node
  }

  var count: Int { if case .array(let nodes) = content { nodes.count } else { 0 } }
}

private struct TreeEncoder: Encoder {
  let node: TreeNode
  let store: TensorStore
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if case .object = node.content {} else { node.content = .object([:]) }
    return KeyedEncodingContainer(KeyedTree(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if case .array = node.content {} else { node.content = .array([]) }
    return UnkeyedTree(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { SingleTree(encoder: self) }

  /// The one place where a value is told to be a tensor, a scalar, or a structure that encodes itself.
  func put<Value: Encodable>(_ value: Value, in node: TreeNode, at path: [any CodingKey]) throws {
    if let scalar = value as? any TensorScalar {
      node.content = .leaf(scalar.json)
    } else if let array = value as? any TensorConvertible {
      let name = store.add(array.tensor, named: TensorTree.name(path))
      node.content = .leaf(.object([TensorTree.reference: .string(name)]))
    } else {
      try value.encode(to: TreeEncoder(node: node, store: store, codingPath: path))
    }
  }

  func nested(_ node: TreeNode, _ key: some CodingKey) -> TreeEncoder {
    TreeEncoder(node: node, store: store, codingPath: codingPath + [key])
  }
}

private struct KeyedTree<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: TreeEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  func encodeNil(forKey key: Key) { encoder.node.child(key.stringValue).content = .leaf(.null) }

  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    try encoder.put(value, in: encoder.node.child(key.stringValue), at: codingPath + [key])
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    encoder.nested(encoder.node.child(key.stringValue), key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder.nested(encoder.node.child(key.stringValue), key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    encoder.nested(encoder.node.child(PathKey.superclass.stringValue), PathKey.superclass)
  }

  func superEncoder(forKey key: Key) -> any Encoder { encoder.nested(encoder.node.child(key.stringValue), key) }
}

private struct UnkeyedTree: UnkeyedEncodingContainer {
  let encoder: TreeEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }
  var count: Int { encoder.node.count }
  private var key: PathKey { PathKey(intValue: count) }

  init(encoder: TreeEncoder) { self.encoder = encoder }

  func encodeNil() { encoder.node.append().content = .leaf(.null) }

  func encode<Value: Encodable>(_ value: Value) throws {
    let path = codingPath + [key]
    try encoder.put(value, in: encoder.node.append(), at: path)
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    let key = key
    return encoder.nested(encoder.node.append(), key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    let key = key
    return encoder.nested(encoder.node.append(), key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    let key = key
    return encoder.nested(encoder.node.append(), key)
  }
}

private struct SingleTree: SingleValueEncodingContainer {
  let encoder: TreeEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  func encodeNil() { encoder.node.content = .leaf(.null) }

  func encode<Value: Encodable>(_ value: Value) throws {
    try encoder.put(value, in: encoder.node, at: codingPath)
  }
}
