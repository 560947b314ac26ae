import WireFormat

/// A plan and one frame made under it, in a file: Documentation/FileFormat.md.
struct FrameFile {
  /// The plan of the frame.
  let plan: QuantizationPlan
  /// The bytes of the frame.
  let frame: [UInt8]

  /// "LAMF".
  static let magic: [UInt8] = Array("LAMF".utf8)
  /// The version that this package writes and reads.
  static let version: UInt8 = 1
  /// The bytes before the plan.
  static let headerSize = 12

  /// A plan and a frame.
  init(plan: QuantizationPlan, frame: [UInt8]) {
    self.plan = plan
    self.frame = frame
  }

  /// Reads a file and checks that its frame is intact and made under its plan.
  ///
  /// - Throws: A ``CommandFailure`` or a `WireFormatError`.
  init(decoding bytes: [UInt8]) throws {
    guard bytes.starts(with: Self.magic) else {
      throw CommandFailure("not a file of 'lamina encode': it does not begin with LAMF")
    }
    guard bytes.count >= Self.headerSize else {
      throw CommandFailure("truncated: \(Self.headerSize) bytes expected before the plan, \(bytes.count) found")
    }
    guard bytes[4] == Self.version else {
      throw CommandFailure("version \(bytes[4]) of the file format is not supported, only \(Self.version) is")
    }
    guard bytes[5...7].allSatisfy({ $0 == 0 }) else { throw CommandFailure("the reserved bytes of the header are set") }
    let size = (0..<4).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    let planEnd = Self.headerSize + size
    guard planEnd < bytes.count else {
      throw CommandFailure("truncated: \(planEnd) bytes expected before the frame, \(bytes.count) found")
    }
    plan = try QuantizationPlan(decoding: bytes[Self.headerSize..<planEnd])
    frame = Array(bytes[planEnd...])
    let header = try Self.header(of: frame, after: planEnd)
    guard header.kind == .local else {
      throw CommandFailure(
        "its frame is of kind \(header.kind.rawValue), the mean of several workers' vectors, not the vector of one")
    }
    guard plan.map.dimension <= FloatFile.largestCount else {
      throw CommandFailure("the plan is for \(plan.map.dimension) coordinates, more than a frame can hold")
    }
    _ = try FrameReader(frame[...], plan: plan, step: header.step, rank: nil)
  }

  /// The header of the frame, with an error that counts bytes of the file where the frame is cut off.
  private static func header(of frame: [UInt8], after planEnd: Int) throws -> FrameHeader {
    do {
      return try FrameReader.header(of: frame[...])
    } catch WireFormatError.truncated {
      let found = planEnd + frame.count
      guard let size = FrameReader.size(ofFrameBeginning: frame[...]) else {
        let least = planEnd + FrameHeader.leastSize + FrameHeader.trailerSize
        throw CommandFailure(
          "truncated: at least \(max(least, found + 1)) bytes expected, \(found) found, which end inside the frame's header"
        )
      }
      throw CommandFailure("truncated: \(planEnd + size) bytes expected, \(found) found")
    }
  }

  /// The bytes of the file.
  func encoded() -> [UInt8] {
    let plan = plan.encoded()
    var bytes = Self.magic + [Self.version, 0, 0, 0]
    for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: plan.count >> (8 * shift))) }
    return bytes + plan + frame
  }
}
