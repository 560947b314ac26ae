/// A vector of this rank, or a part of one, of which some may still be to come.
struct LocalVector {
  /// The coordinates, which outlive the exchange; to be read once they were waited for.
  let values: UnsafeBufferPointer<Float>
  private let pending: PendingVector?
  /// The place of the first coordinate in what is pending.
  private let start: Int

  var count: Int { values.count }

  /// A vector that is there.
  init(_ values: UnsafeBufferPointer<Float>) { self.init(values, of: nil, from: 0) }

  /// A vector that is still being computed, and that the caller keeps alive.
  init(_ vector: PendingVector) { self.init(vector.values, of: vector, from: 0) }

  private init(_ values: UnsafeBufferPointer<Float>, of pending: PendingVector?, from start: Int) {
    self.values = values
    self.pending = pending
    self.start = start
  }

  subscript(range: Range<Int>) -> LocalVector {
    LocalVector(UnsafeBufferPointer(rebasing: values[range]), of: pending, from: start + range.lowerBound)
  }

  /// The coordinates in `range`, once they are there.
  func wait(for range: Range<Int>) throws(ExchangeError) -> UnsafeBufferPointer<Float> {
    try pending?.wait(for: start + range.lowerBound..<start + range.upperBound)
    return UnsafeBufferPointer(rebasing: values[range])
  }

  /// All coordinates, once they are there.
  func wait() throws(ExchangeError) -> UnsafeBufferPointer<Float> { try wait(for: 0..<count) }
}
