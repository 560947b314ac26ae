// The bytes of a magnitude histogram: kind, version; the number of zeros; then runs of bins that are not empty, each as
// the number of empty bins before it and its length, and per bin its count and one byte, the place of the mean in the
// bin in 255ths. All numbers have 7 bits a byte, the least significant first. A run ends where a bin is empty, so that
// equal histograms have equal bytes.

extension MagnitudeHistogram {
  /// The bytes that a worker sends: exact counts, and means to 1/255 of their bin.
  ///
  /// - Returns: About 3 bytes for each bin that is not empty; 1 kB for a layer of Gaussian coordinates.
  public func encoded() -> [UInt8] {
    var writer = StatisticsWriter(kind: .magnitudes)
    writer.put(count: min(zeroCount, MagnitudeHistogram.countLimit))
    var index = 0
    while let start = sums[index..<MagnitudeBins.count].firstIndex(where: { $0.x > 0 }) {
      let end = sums[start..<MagnitudeBins.count].firstIndex { $0.x == 0 } ?? MagnitudeBins.count
      writer.put(count: start - index)
      writer.put(count: end - start)
      for bin in start..<end {
        writer.put(count: Int(min(sums[bin].x, Double(MagnitudeHistogram.countLimit))))
        writer.put(meanFraction(bin))
      }
      index = end
    }
    return writer.bytes
  }

  /// Reads what ``encoded()`` wrote.
  ///
  /// - Parameter bytes: One encoded histogram.
  /// - Throws: ``StatisticsError`` on anything else.
  public init(decoding bytes: ArraySlice<UInt8>) throws(StatisticsError) {
    var reader = try StatisticsReader(bytes, kind: .magnitudes)
    self.init()
    zeroCount = try reader.largeCount(atMost: MagnitudeHistogram.countLimit)
    var index = 0
    while !reader.isAtEnd {
      let gap = try reader.largeCount(atMost: MagnitudeBins.count - index)
      guard gap > 0 || index == 0 else { throw .invalidField(.count) }
      index += gap
      let length = try reader.largeCount(atMost: MagnitudeBins.count - index)
      guard length > 0 else { throw .invalidField(.count) }
      for bin in index..<index + length {
        let count = try reader.largeCount(atMost: MagnitudeHistogram.countLimit)
        guard count > 0 else { throw .invalidField(.weight) }
        let (low, high) = (MagnitudeBins.edge(bin), MagnitudeBins.edge(bin + 1))
        let mean = low + Double(try reader.byte()) / 255 * (high - low)
        sums[bin] = SIMD2(Double(count), Double(count) * mean)
      }
      index += length
    }
  }

  private func meanFraction(_ index: Int) -> UInt8 {
    let (low, high) = (MagnitudeBins.edge(index), MagnitudeBins.edge(index + 1))
    let fraction = (sums[index].y / sums[index].x - low) / (high - low)
    return UInt8((min(max(fraction, 0), 1) * 255).rounded())
  }
}

extension StatisticsReader {
  /// A count of at most `limit`, in the shortest form: 7 bits a byte, the last byte not zero unless it is the only one.
  fileprivate mutating func largeCount(atMost limit: Int) throws(StatisticsError) -> Int {
    var value = 0
    for shift in stride(from: 0, to: 56, by: 7) {
      let next = try byte()
      value |= Int(next & 0x7F) << shift
      if next < 0x80 {
        guard value <= limit, next > 0 || shift == 0 else { throw .invalidField(.count) }
        return value
      }
    }
    throw .invalidField(.count)
  }
}
