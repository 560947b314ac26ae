import Synchronization

/// What stands behind an opaque pointer: a value, and a lock, as any thread may call.
///
/// A pointer that was not made here, or that was destroyed, cannot be told from a good one: that is the caller's duty.
final class Handle<Value: Sendable>: Sendable {
  private let value: Mutex<Value>

  init(_ value: Value) { self.value = Mutex(value) }

  /// Lends the value; other callers wait.
  func locked<Result: Sendable>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure) -> Result {
    try value.withLock { (value) throws(Failure) in try body(&value) }
  }

  /// A pointer that keeps this handle alive until it is destroyed.
  func retained() -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

  /// The handle behind a pointer.
  static func at(_ pointer: OpaquePointer?, _ name: StaticString) throws(Failure) -> Handle {
    guard let pointer else { throw .null(name) }
    return Unmanaged<Handle>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
  }

  /// Lets go of a handle, if there is one.
  static func destroy(_ pointer: OpaquePointer?) {
    guard let pointer else { return }
    Unmanaged<Handle>.fromOpaque(UnsafeRawPointer(pointer)).release()
  }
}
