import Synchronization

/// What stands behind an opaque pointer.
///
/// A pointer that was not made here, or that was destroyed, cannot be told from a good one: that is the caller's duty.
protocol Referable: AnyObject, Sendable {}

extension Referable {
  /// A pointer that keeps this object alive until it is destroyed.
  func retained() -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

  /// The object behind a pointer.
  static func at(_ pointer: OpaquePointer?, _ name: StaticString) throws(Failure) -> Self {
    guard let pointer else { throw .null(name) }
    return Unmanaged<Self>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
  }

  /// Lets go of an object, if there is one.
  static func destroy(_ pointer: OpaquePointer?) {
    guard let pointer else { return }
    Unmanaged<Self>.fromOpaque(UnsafeRawPointer(pointer)).release()
  }
}

/// A value behind an opaque pointer, and a lock, as any thread may call.
final class Handle<Value: Sendable>: Referable {
  private let value: Mutex<Value>

  init(_ value: Value) { self.value = Mutex(value) }

  /// Lends the value; other callers wait.
  func locked<Result: Sendable>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure) -> Result {
    try value.withLock { (value) throws(Failure) in try body(&value) }
  }
}
