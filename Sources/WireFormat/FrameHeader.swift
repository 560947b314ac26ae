/// The beginning of a frame: WireFormat.md, section "Frame".
public struct FrameHeader: Hashable, Sendable {
  /// "LAMN" in ASCII.
  public static let magic: UInt32 = 0x4E4D_414C
  /// The version of the format that this package writes and reads.
  public static let version: UInt8 = 2
  /// The fewest bytes of a header.
  public static let leastSize = 34
  /// The number of bytes of a header around a payload of `payloadSize` bytes: 34 to 54.
  public func size(payloadSize: Int) -> Int {
    30 + varintSize(UInt64(rank)) + varintSize(UInt64(levelEpoch)) + varintSize(step)
      + varintSize(UInt64(payloadSize))
  }
  /// The number of bytes of the checksum behind the payload.
  public static let trailerSize = 4

  /// What a frame holds.
  public enum Kind: UInt8, Hashable, Sendable {
    /// The dual vector of one worker.
    case local = 0
    /// The mean of the vectors of all workers on the coordinates of the plan, or what its receivers make the mean of;
    /// the rank is the worker that added them up, and the squares are the sums of the workers'.
    case sum = 1
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
  /// ‖V̂‖² of the decoded vector, summed in binary64; in a sum, the sum of those of the workers' frames.
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
  mutating func append(_ header: FrameHeader, payloadSize: Int) {
    append(FrameHeader.magic)
    append(FrameHeader.version)
    append(header.kind.rawValue)
    append(header.planDigest)
    append(header.squaredNorm)
    append(header.squaredChange)
    append(varint: UInt64(header.rank))
    append(varint: UInt64(header.levelEpoch))
    append(varint: header.step)
    append(varint: UInt64(payloadSize))
  }
}

extension ByteReader {
  mutating func header() throws(WireFormatError) -> (header: FrameHeader, payloadSize: Int) {
    let magic: UInt32 = try next()
    guard magic == FrameHeader.magic else { throw .badMagic(magic) }
    let version: UInt8 = try next()
    guard version == FrameHeader.version else { throw .unsupportedVersion(version) }
    let number: UInt8 = try next()
    guard let kind = FrameHeader.Kind(rawValue: number) else { throw .unknownKind(number) }
    let digest: UInt64 = try next()
    let squaredNorm = try nextDouble()
    let squaredChange = try nextDouble()
    let header = FrameHeader(
      kind: kind, rank: try varint(), levelEpoch: try varint(), planDigest: digest, step: try varint(),
      squaredNorm: squaredNorm, squaredChange: squaredChange)
    return (header, Int(try varint(UInt32.self)))
  }
}
