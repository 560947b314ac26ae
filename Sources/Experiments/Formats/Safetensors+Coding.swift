extension Safetensors {
  /// The longest header that is read, the limit of the reference implementation.
  static let headerLimit = 100_000_000

  /// The bytes of the file.
  ///
  /// - Returns: A complete file; equal values give equal bytes.
  /// - Complexity: Linear in the bytes, with one copy of each array.
  public func encoded() -> [UInt8] {
    precondition(tensors[SafetensorsHeader.metadataKey] == nil, "the name __metadata__ is reserved")
    let names = tensors.sorted { left, right in
      (right.value.type.size, left.key) < (left.value.type.size, right.key)
    }
    var entries: [String: SafetensorsHeader.Entry] = [:]
    var end = 0
    for (name, tensor) in names {
      let offsets = [end, end + tensor.bytes.count]
      entries[name] = .init(dtype: tensor.type.rawValue, shape: tensor.shape, dataOffsets: offsets)
      end += tensor.bytes.count
    }
    var header = (try? CanonicalJSON.encode(SafetensorsHeader(metadata: metadata, entries: entries))) ?? []
    precondition(!header.isEmpty, "strings and integers always encode to JSON")
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)

    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + end)
    let length = UInt64(header.count)
    for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
    bytes += header
    for (_, tensor) in names { bytes += tensor.bytes }
    return bytes
  }

  /// Reads the bytes of a file.
  ///
  /// Any bytes may be given; memory is bounded by their number.
  ///
  /// - Parameter bytes: The whole file.
  /// - Throws: ``SafetensorsError``.
  public init(decoding bytes: [UInt8]) throws(SafetensorsError) {
    guard bytes.count >= 8 else { throw .truncatedHeader(expected: 8, found: 0) }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= Self.headerLimit else { throw .headerTooLong(length: length, limit: Self.headerLimit) }
    let start = 8 + Int(length)
    guard start <= bytes.count else { throw .truncatedHeader(expected: length, found: bytes.count - 8) }
    guard length > 0, bytes[8] == UInt8(ascii: "{") else {
      throw .malformedHeader(reason: "it does not begin with {")
    }
    let header: SafetensorsHeader
    do {
      header = try CanonicalJSON.decode(SafetensorsHeader.self, from: bytes[8..<start])
    } catch {
      throw .malformedHeader(reason: CanonicalJSON.reason(error))
    }
    try self.init(header: header, bytes: bytes[start...])
  }

  private init(header: SafetensorsHeader, bytes: ArraySlice<UInt8>) throws(SafetensorsError) {
    self.init(metadata: header.metadata)
    for (name, entry) in header.entries where entry.dataOffsets.count != 2 {
      throw .inconsistentTensor(tensor: name, reason: "it needs two offsets, found \(entry.dataOffsets.count)")
    }
    let ordered = header.entries.sorted { left, right in
      (left.value.dataOffsets[0], left.value.dataOffsets[1], left.key)
        < (right.value.dataOffsets[0], right.value.dataOffsets[1], right.key)
    }
    var end = 0
    for (name, entry) in ordered {
      guard let type = ElementType(rawValue: entry.dtype) else {
        throw .unsupportedType(tensor: name, type: entry.dtype)
      }
      let (begin, stop) = (entry.dataOffsets[0], entry.dataOffsets[1])
      guard begin == end else {
        throw .inconsistentTensor(tensor: name, reason: "it begins at byte \(begin), expected \(end)")
      }
      guard stop >= begin, stop <= bytes.count else {
        throw .inconsistentTensor(tensor: name, reason: "it ends at byte \(stop) of \(bytes.count)")
      }
      guard Self.volume(entry.shape, size: type.size) == stop - begin else {
        throw .inconsistentTensor(
          tensor: name, reason: "its shape \(entry.shape) does not take \(stop - begin) bytes of \(type.rawValue)")
      }
      let slice = bytes[bytes.startIndex + begin..<bytes.startIndex + stop]
      tensors[name] = Tensor(type: type, shape: entry.shape, bytes: slice.withUnsafeBytes(Tensor.copy))
      end = stop
    }
    guard end == bytes.count else { throw .wrongLength(expected: end, found: bytes.count) }
  }

  /// The bytes of a shape, or nil when that is no number.
  private static func volume(_ shape: [Int], size: Int) -> Int? {
    var volume = size
    for extent in shape {
      let (product, overflow) = volume.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else { return nil }
      volume = product
    }
    return volume
  }
}
