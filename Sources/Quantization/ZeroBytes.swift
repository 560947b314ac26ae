#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension UnsafeBufferPointer<UInt8> {
  /// The place of the first zero at or behind `start`, `count` where there is none.
  ///
  /// Zeros are rare where this is asked, escapes among numbers, and the search of the C library reads whole registers.
  @inline(__always)
  package func firstZero(from start: Int) -> Int {
    guard start < count, let base = baseAddress, let found = memchr(base + start, 0, count - start) else {
      return count
    }
    return UnsafeRawPointer(base).distance(to: found)
  }
}
