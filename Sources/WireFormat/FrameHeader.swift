/// The first 48 bytes of a frame: WireFormat.md, section "Frame".
public struct FrameHeader: Hashable, Sendable {
  /// "LAMN" in ASCII.
  public static let magic: UInt32 = 0x4E4D_414C
  /// The version of the format that this package writes and reads.
  public static let version: UInt8 = 1
  /// The number of bytes of a header.
  public static let size = 48
  /// The number of bytes of the checksum behind the payload.
  public static let trailerSize = 4

  /// What a frame holds.
  public enum Kind: UInt8, Hashable, Sendable {
    /// The dual vector of one worker.
    case local = 0
  }

  /// What the frame holds.
  public var kind: Kind
  /// The worker that made the frame.
  public var rank: UInt16
  /// How often the levels had changed.
  public var levelEpoch: UInt32
  /// The digest of the sender's plan.
  public var planDigest: UInt64
  /// The step, counted from 0.
  public var step: UInt64
  /// ‖V̂‖² of the decoded vector, summed in binary64.
  public var squaredNorm: Double
  /// ‖V̂ − V̂′‖², V̂′ the sender's decoded vector of the exchange before, zero at first.
  public var squaredChange: Double

  /// A header.
  public init(
    kind: Kind, rank: UInt16, levelEpoch: UInt32, planDigest: UInt64, step: UInt64, squaredNorm: Double,
    squaredChange: Double
  ) {
    self.kind = kind
    self.rank = rank
    self.levelEpoch = levelEpoch
    self.planDigest = planDigest
    self.step = step
    self.squaredNorm = squaredNorm
    self.squaredChange = squaredChange
  }
}

extension ByteWriter {
  mutating func append(_ header: FrameHeader) {
    append(FrameHeader.magic)
    append(FrameHeader.version)
    append(header.kind.rawValue)
    append(header.rank)
    append(header.levelEpoch)
    append(UInt32(0))
    append(header.planDigest)
    append(header.step)
    append(header.squaredNorm)
    append(header.squaredChange)
  }
}

extension ByteReader {
  /// Reads a header; the field after the epoch holds the number of payload bytes.
  mutating func header() throws(WireFormatError) -> (header: FrameHeader, payloadSize: Int) {
    let magic: UInt32 = try next()
    guard magic == FrameHeader.magic else { throw .badMagic(magic) }
    let version: UInt8 = try next()
    guard version == FrameHeader.version else { throw .unsupportedVersion(version) }
    let number: UInt8 = try next()
    guard let kind = FrameHeader.Kind(rawValue: number) else { throw .unknownKind(number) }
    let rank: UInt16 = try next()
    let epoch: UInt32 = try next()
    let payloadSize: UInt32 = try next()
    let header = FrameHeader(
      kind: kind, rank: rank, levelEpoch: epoch, planDigest: try next(), step: try next(),
      squaredNorm: try nextDouble(), squaredChange: try nextDouble())
    return (header, Int(payloadSize))
  }
}
