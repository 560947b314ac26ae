internal import CLamina

/// The elements at a pointer; a null pointer is good for none.
func buffer<Element>(
  _ start: UnsafePointer<Element>?, _ count: Int, _ name: StaticString
) throws(Failure) -> UnsafeBufferPointer<Element> {
  guard count >= 0 else { throw .argument("'\(name)' is said to have more elements than memory can hold.") }
  guard start != nil || count == 0 else { throw .null(name) }
  return UnsafeBufferPointer(start: start, count: count)
}

/// Writes bytes where there is room for them, and their number in any case.
func write(
  _ bytes: [UInt8], _ name: StaticString, to place: UnsafeMutablePointer<UInt8>?, _ capacity: Int,
  _ size: UnsafeMutablePointer<Int>?
) throws(Failure) {
  size?.pointee = bytes.count
  guard capacity >= bytes.count else {
    throw Failure(
      status: Failure.code(LAMINA_BUFFER_TOO_SMALL),
      message: "\(name) has \(bytes.count) bytes, the buffer room for \(capacity).")
  }
  guard let place else { throw .null("bytes") }
  UnsafeMutableRawBufferPointer(start: place, count: bytes.count).copyBytes(from: bytes)
}
