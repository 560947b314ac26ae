/// A file of named arrays in the safetensors format of Hugging Face.
///
/// Eight bytes give the length of a JSON header (little endian), which gives the type, shape and place of each tensor;
/// the arrays follow without gaps. Nothing in such a file can be executed. Written files are canonical: widest elements
/// first, then by name, so every array is aligned.
///
/// Reference: https://github.com/huggingface/safetensors, "Format".
public struct Safetensors: Hashable, Sendable {
  /// The type of an element; the raw value is its name in the header.
  public enum ElementType: String, Hashable, Sendable, Codable, CaseIterable {
    case float32 = "F32"
    case float64 = "F64"
    case unsigned8 = "U8"
    case integer64 = "I64"

    /// Bytes of an element.
    public var size: Int {
      switch self {
      case .unsigned8: 1
      case .float32: 4
      case .float64, .integer64: 8
      }
    }
  }

  /// An array with a shape.
  public struct Tensor: Hashable, Sendable {
    /// The type of its elements.
    public let type: ElementType
    /// Sizes of its dimensions, the last one contiguous.
    public let shape: [Int]
    /// The elements, little endian.
    public let bytes: [UInt8]

    /// A tensor of given elements.
    ///
    /// - Parameters:
    ///   - elements: The elements, the last dimension contiguous.
    ///   - shape: Sizes whose product is the number of elements; nil is one dimension.
    public init<Element: SafetensorsElement>(_ elements: [Element], shape: [Int]? = nil) {
      let shape = shape ?? [elements.count]
      precondition(shape.reduce(1, *) == elements.count, "the shape must have as many places as there are elements")
      self.init(type: Element.safetensorsType, shape: shape, bytes: elements.withUnsafeBytes(Self.copy))
    }

    init(type: ElementType, shape: [Int], bytes: [UInt8]) {
      self.type = type
      self.shape = shape
      self.bytes = bytes
    }

    /// The elements, or nil when they are of another type.
    public func elements<Element: SafetensorsElement>(as _: Element.Type = Element.self) -> [Element]? {
      guard type == Element.safetensorsType else { return nil }
      let count = bytes.count / MemoryLayout<Element>.size
      return [Element](unsafeUninitializedCapacity: count) { target, initialized in
        bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(target).copyMemory(from: $0) }
        initialized = count
      }
    }

    static func copy(_ source: UnsafeRawBufferPointer) -> [UInt8] {
      [UInt8](unsafeUninitializedCapacity: source.count) { target, initialized in
        UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
        initialized = source.count
      }
    }
  }

  /// The arrays by name.
  public var tensors: [String: Tensor]
  /// Free text by key.
  public var metadata: [String: String]

  /// A file of given arrays.
  ///
  /// - Parameters:
  ///   - tensors: The arrays by name; the name `__metadata__` is reserved by the format.
  ///   - metadata: Free text by key.
  public init(tensors: [String: Tensor] = [:], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }
}

/// A number that a safetensors file can hold: Float, Double, UInt8, Int64.
///
/// The bytes in memory are the bytes of the file, so the machine must be little endian, as all that Lamina runs on are.
public protocol SafetensorsElement: BitwiseCopyable {
  /// The type in the header of a file.
  static var safetensorsType: Safetensors.ElementType { get }
}

extension Float: SafetensorsElement {
  public static var safetensorsType: Safetensors.ElementType { .float32 }
}

extension Double: SafetensorsElement {
  public static var safetensorsType: Safetensors.ElementType { .float64 }
}

extension UInt8: SafetensorsElement {
  public static var safetensorsType: Safetensors.ElementType { .unsigned8 }
}

extension Int64: SafetensorsElement {
  public static var safetensorsType: Safetensors.ElementType { .integer64 }
}
