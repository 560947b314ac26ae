/// Why bytes are no safetensors file, or not the one expected.
public enum SafetensorsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file ends inside its header.
  case truncatedHeader(expected: UInt64, found: Int)
  /// The header is longer than any header may be.
  case headerTooLong(length: UInt64, limit: Int)
  /// The header is not the JSON that the format asks for.
  case malformedHeader(reason: String)
  /// A tensor has an element type that Lamina does not use.
  case unsupportedType(tensor: String, type: String)
  /// The shape of a tensor and its bytes disagree, or its place overlaps another's or leaves a hole.
  case inconsistentTensor(tensor: String, reason: String)
  /// The file does not end where its last tensor does.
  case wrongLength(expected: Int, found: Int)
  /// The file has no entry of that name in its metadata.
  case missingMetadata(key: String)

  public var description: String {
    switch self {
    case .truncatedHeader(let expected, let found):
      "truncated: the header needs \(expected) bytes after the first 8, found \(found)"
    case .headerTooLong(let length, let limit): "a header of \(length) bytes, but at most \(limit) are allowed"
    case .malformedHeader(let reason): "the header is malformed: \(reason)"
    case .unsupportedType(let tensor, let type):
      "tensor \"\(tensor)\" has elements of type \(type); F32, F64, U8 and I64 are supported"
    case .inconsistentTensor(let tensor, let reason): "tensor \"\(tensor)\": \(reason)"
    case .wrongLength(let expected, let found): "the tensors take \(expected) bytes, found \(found)"
    case .missingMetadata(let key): "the metadata has no entry \"\(key)\""
    }
  }
}
