import WireFormat

extension ExchangeCodec {
  /// Adds the vector of the last frame made here without reading the frame again.
  ///
  /// The sum has then the same bits as after ``accumulate(_:step:rank:into:)``: what is decoded on encoding is what
  /// receivers add to 0. Of two NaNs, which the order of operands chooses among, there is at most one without exact
  /// buckets.
  ///
  /// - Parameters:
  ///   - frame: The last frame.
  ///   - bytes: What came back of it.
  ///   - sum: The running sum.
  /// - Returns: The header of the frame; nil, and nothing is added, where the bytes differ or buckets are exact.
  func accumulate(own frame: EncodedFrame, receivedAs bytes: [UInt8], into sum: UnsafeMutableBufferPointer<Float>)
    -> FrameHeader?
  {
    guard frame.exactBuckets == 0, bytes == frame.bytes else { return nil }
    precondition(sum.count == own.count, "The sum has another dimension than the layer map")
    add(own, to: sum)
    return frame.header
  }
}
