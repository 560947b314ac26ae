public import EntropyCoding

/// Why bytes are not the expected frame or plan.
///
/// A frame is checked in this order: magic, version, a known kind, the length that the header names, checksum, the kind
/// that is due, level epoch, plan digest, step, rank, of a sum the number of workers, payload; the first check that fails names the error, and a field that is not there is truncated.
public enum WireFormatError: Error, Hashable, Sendable {
  /// The bytes end before the field that starts at this offset is complete.
  case truncated(at: Int)
  /// The number at this offset is too large, or written in more bytes than it needs.
  case invalidNumber(at: Int)
  /// The bytes do not begin with the magic number.
  case badMagic(UInt32)
  /// The bytes follow another version of the format.
  case unsupportedVersion(UInt8)
  /// The frame is of a kind that this version does not know.
  case unknownKind(UInt8)
  /// The frame is of another kind than the one that is due.
  case kindMismatch(expected: FrameHeader.Kind, found: FrameHeader.Kind)
  /// A sum is of the vectors of another number of workers.
  case workersMismatch(expected: Int, found: Int)
  /// The checksum over the frame is wrong: bytes were changed on the way.
  case checksumMismatch(expected: UInt32, found: UInt32)
  /// The frame was made with the levels of another epoch.
  case staleLevels(expected: UInt32, found: UInt32)
  /// The frame was made under another plan.
  case planMismatch(expected: UInt64, found: UInt64)
  /// The frame belongs to another step.
  case stepMismatch(expected: UInt64, found: UInt64)
  /// The frame came from another rank than the one it names.
  case rankMismatch(expected: UInt16, found: UInt16)
  /// The payload of a layer has bits that are no code.
  case payload(layer: String, DecodingError)
  /// A norm or scale of a layer is negative, infinite, or out of the ordinary range.
  case invalidNorm(layer: String)
  /// The marks of a layer's buckets name buckets that it has not, or that no coordinate can have a scale.
  case invalidMarks(layer: String)
  /// The head of a dithered layer names no code.
  case invalidModel(layer: String)
  /// A field of a layer names a level that does not exist, or zero with a sign.
  case levelOutOfRange(layer: String)
  /// This many bytes are left over after the last layer.
  case trailingBytes(Int)
  /// The bytes of a plan are inconsistent.
  case malformedPlan(String)
}

extension WireFormatError: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    switch self {
    case .truncated(let offset): "The bytes end inside the field at offset \(offset)."
    case .invalidNumber(let offset):
      "The number at offset \(offset) is out of its range, or longer than it needs to be."
    case .badMagic(let magic): "The bytes do not begin like a Lamina frame or plan, but with 0x\(hex(magic))."
    case .unsupportedVersion(let version):
      "Version \(version) of the wire format is not supported, only \(FrameHeader.version) is."
    case .unknownKind(let kind): "Frames of kind \(kind) are unknown."
    case .kindMismatch(let expected, let found):
      "The frame is of kind \(found.rawValue), '\(found)', where kind \(expected.rawValue), '\(expected)', is due."
    case .workersMismatch(let expected, let found):
      "The frame sums up the vectors of \(found) workers, where there are \(expected)."
    case .checksumMismatch(let expected, let found):
      "The checksum is 0x\(hex(found)) but the bytes give 0x\(hex(expected)): the frame was corrupted."
    case .staleLevels(let expected, let found):
      "The frame uses the levels of epoch \(found), the receiver those of epoch \(expected)."
    case .planMismatch(let expected, let found):
      "The frame was made under plan \(hex(found)), the receiver expects \(hex(expected))."
    case .stepMismatch(let expected, let found): "The frame belongs to step \(found), not to step \(expected)."
    case .rankMismatch(let expected, let found): "The frame names rank \(found), but rank \(expected) sent it."
    case .payload(let layer, let error): "Layer '\(layer)': \(error)"
    case .invalidNorm(let layer): "Layer '\(layer)' has a norm or scale that no bucket can have."
    case .invalidMarks(let layer): "Layer '\(layer)' marks buckets that it has not, or has no scale where it needs one."
    case .invalidModel(let layer): "Layer '\(layer)' begins with the head of no code."
    case .levelOutOfRange(let layer): "Layer '\(layer)' has a symbol beyond its last level."
    case .trailingBytes(let count): "\(count) bytes are left over after the last layer."
    case .malformedPlan(let reason): "The plan is malformed: \(reason)."
    }
  }
}

private func hex<T: FixedWidthInteger & UnsignedInteger>(_ value: T) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: T.bitWidth / 4 - digits.count) + digits
}
