#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A POSIX thread with a stack of a chosen size.
package struct RankThread {
  private let handle: pthread_t

  /// Starts a thread that runs `body`, or returns nil when the system refuses.
  ///
  /// - Parameters:
  ///   - stackSize: In bytes, a multiple of the page size.
  ///   - body: What to run.
  package init?(stackSize: Int, _ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    guard pthread_attr_init(&attributes) == 0 else { return nil }
    defer { pthread_attr_destroy(&attributes) }
    guard pthread_attr_setstacksize(&attributes, stackSize) == 0 else { return nil }
    let work = Unmanaged.passRetained(Work(body))
    guard let handle = Self.create(&attributes, work.toOpaque()) else {
      work.release()
      return nil
    }
    self.handle = handle
  }

  /// Waits for the end of the thread; to be called exactly once.
  package func join() { pthread_join(handle, nil) }

  // The platforms disagree on which pointers are optional.
  #if canImport(Darwin)
    private static func create(_ attributes: inout pthread_attr_t, _ work: UnsafeMutableRawPointer) -> pthread_t? {
      var handle: pthread_t?
      let status = pthread_create(
        &handle, &attributes,
        { pointer in
          Work.run(pointer)
          return nil
        }, work)
      return status == 0 ? handle : nil
    }
  #else
    private static func create(_ attributes: inout pthread_attr_t, _ work: UnsafeMutableRawPointer) -> pthread_t? {
      var handle = pthread_t()
      let status = pthread_create(
        &handle, &attributes,
        { pointer in
          if let pointer { Work.run(pointer) }
          return nil
        }, work)
      return status == 0 ? handle : nil
    }
  #endif
}

/// A closure on its way through a C pointer.
private final class Work {
  private let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  static func run(_ pointer: UnsafeMutableRawPointer) {
    Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body()
  }
}
