import CPNGShims

extension PNGImage {
  /// Whether this build can read and write PNG images.
  public static var isAvailable: Bool { laminap_available() == 1 }

  /// Decodes a PNG file.
  ///
  /// Any bytes may be given: the size announced by the header is checked before memory is taken. Without an alpha
  /// channel in `channels`, a transparent image is composed on white.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - channels: The channels wanted; libpng converts.
  ///   - maximumPixels: The largest width times height accepted.
  /// - Throws: ``PNGError``.
  public init(decoding bytes: [UInt8], channels: Channels, maximumPixels: Int = 1 << 24) throws(PNGError) {
    var width: UInt32 = 0
    var height: UInt32 = 0
    try PNGImage.check(malformed: PNGError.malformed) { message in
      bytes.withUnsafeBufferPointer { laminap_size($0.baseAddress, $0.count, &width, &height, message) }
    }
    let (area, overflow) = Int(width).multipliedReportingOverflow(by: Int(height))
    guard !overflow, area <= maximumPixels else {
      throw .tooLarge(width: Int(width), height: Int(height), limit: maximumPixels)
    }
    guard area > 0 else { throw .malformed(reason: "the image is empty") }

    var pixels = [UInt8](repeating: 0, count: area * channels.rawValue)
    try PNGImage.check(malformed: PNGError.malformed) { message in
      bytes.withUnsafeBufferPointer { source in
        pixels.withUnsafeMutableBufferPointer { target in
          laminap_decode(
            source.baseAddress, source.count, Int32(channels.rawValue), target.baseAddress, target.count, message)
        }
      }
    }
    self.init(width: Int(width), height: Int(height), channels: channels, pixels: pixels)
  }

  /// The image as the bytes of a PNG file.
  ///
  /// - Returns: A complete PNG file.
  /// - Throws: ``PNGError/unavailable`` or ``PNGError/notEncodable(reason:)``.
  public func encoded() throws(PNGError) -> [UInt8] {
    guard PNGImage.isAvailable else { throw .unavailable }
    guard let columns = UInt32(exactly: width), let rows = UInt32(exactly: height) else {
      throw .notEncodable(reason: "the size does not fit 32 bits")
    }
    let capacity = laminap_encode_bound(columns, rows, Int32(channels.rawValue))
    guard capacity > 0 else { throw .notEncodable(reason: "more than 2^30 bytes of pixels") }
    var bytes = [UInt8](repeating: 0, count: capacity)
    var written = 0
    try PNGImage.check(malformed: PNGError.notEncodable) { message in
      pixels.withUnsafeBufferPointer { source in
        bytes.withUnsafeMutableBufferPointer { target in
          laminap_encode(
            source.baseAddress, columns, rows, Int32(channels.rawValue), target.baseAddress, target.count, &written,
            message)
        }
      }
    }
    bytes.removeLast(bytes.count - written)
    return bytes
  }

  private static func check(
    malformed: (String) -> PNGError, _ call: (UnsafeMutablePointer<CChar>) -> Int32
  ) throws(PNGError) {
    var message = [CChar](repeating: 0, count: Int(LAMINAP_MESSAGE_SIZE))
    let status = message.withUnsafeMutableBufferPointer { buffer in
      // The buffer is never empty, so its address is there.
      buffer.baseAddress.map(call) ?? Int32(LAMINAP_FAILED)
    }
    switch status {
    case Int32(LAMINAP_OK): return
    case Int32(LAMINAP_UNAVAILABLE): throw .unavailable
    default:
      let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw malformed(String(decoding: text, as: UTF8.self))
    }
  }
}
