import WireFormat

/// The parts of the payload of a frame with one dithered layer of one block, to be damaged and joined again.
struct DitheredParts {
  /// Everything in front of the head: the number of workers of a sum, the scale of the vector or of the layer.
  var front: [UInt8]
  var head: [UInt8]
  /// The table behind the head, with its size.
  var table: [UInt8] = []
  /// How the size of the block is written, nil for the canonical way.
  var size: [UInt8]?
  /// The marks of the buckets, or their scales.
  var marks: [UInt8]
  var exact: [UInt8]
  /// Numbers, raw bits and escapes.
  var coded: [UInt8]

  /// The raw bits that the head names.
  var rawBits: Int { Int(head[0] & 15) }
  /// The law that the head names, nil where there is a table.
  var law: (shape: Int, scale: Int)? {
    let word = Int(head[0]) | Int(head[1]) << 8
    return word >> 15 == 0 ? (word >> 4 & 7, word >> 7 & 63) : nil
  }

  /// Takes the payload of a frame apart.
  ///
  /// - Parameters:
  ///   - frame: A valid frame.
  ///   - hasScale: Whether a scale stands in front.
  ///   - bucketCount: How many buckets have scales of their own, nil where they have marks.
  ///   - exactCount: How many coordinates travel exactly.
  ///   - workers: How many workers the frame is the sum of, at most 127; nil where it is of one.
  init(_ frame: SpoiledFrame, hasScale: Bool, bucketCount: Int?, exactCount: Int = 0, workers: Int? = nil) {
    var rest = frame.bytes[frame.payloadStart..<frame.bytes.count - FrameHeader.trailerSize]
    func take(_ count: Int) -> [UInt8] {
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
    func number() -> [UInt8] { take((rest.firstIndex { $0 < 0x80 } ?? rest.startIndex) - rest.startIndex + 1) }
    front = take((workers == nil ? 0 : 1) + (hasScale ? 4 : 0))
    head = take(2)
    if head[1] & 0x80 != 0 { table = take(1 + Int(rest.first ?? 0)) }
    _ = number()
    if let bucketCount {
      marks = take(4 * bucketCount)
    } else {
      marks = number()
      for _ in 0..<marks[0] {
        let mark = number()
        marks += mark
        if let workers, mark[0] % 3 == 2 { marks += take((workers + 7) / 8) }
      }
    }
    exact = take(4 * exactCount)
    coded = Array(rest)
  }

  /// The payload.
  var joined: [UInt8] {
    let block = marks + exact + coded
    return front + head + table + (size ?? SpoiledFrame.varint(UInt64(block.count))) + block
  }
}
