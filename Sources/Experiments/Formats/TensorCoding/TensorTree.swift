/// The conventions by which a tree of values and arrays becomes a safetensors file.
///
/// Arrays of Float, Double, UInt8 and Int64 are tensors, named by their key path. Everything else is one JSON tree in the
/// metadata, in which a tensor stands as `{"$tensor": NAME}`; a key that begins with a dollar sign gets another one.
/// Numbers that JSON would bend (NaN, infinities, the negative zero) are strings of their bits.
enum TensorTree {
  /// The metadata entry that holds the tree.
  static let metadataKey = "lamina.values"
  /// The one key of an object that stands for a tensor.
  static let reference = "$tensor"

  static func escaped(_ key: String) -> String { key.hasPrefix("$") ? "$" + key : key }

  static func unescaped(_ key: String) -> String { key.hasPrefix("$$") ? String(key.dropFirst()) : key }

  /// The name of a tensor at a path; a whole value that is one array is named "value".
  static func name(_ path: [any CodingKey]) -> String {
    path.isEmpty ? "value" : path.map(\.stringValue).joined(separator: ".")
  }
}

/// The key of an element of an array, or any other key by name.
struct PathKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(stringValue: String) {
    self.stringValue = stringValue
    intValue = nil
  }

  init(intValue: Int) {
    stringValue = String(intValue)
    self.intValue = intValue
  }

  static let superclass = PathKey(stringValue: "super")
}

/// An array that becomes a tensor as a whole, without a look at its elements.
protocol TensorConvertible {
  var tensor: Safetensors.Tensor { get }
  init?(tensor: Safetensors.Tensor)
}

extension Array: TensorConvertible where Element: SafetensorsElement {
  var tensor: Safetensors.Tensor { Safetensors.Tensor(self) }

  init?(tensor: Safetensors.Tensor) {
    guard let elements = tensor.elements(as: Element.self) else { return nil }
    self = elements
  }
}
