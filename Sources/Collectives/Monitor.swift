#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A value behind a lock, with a condition to wait for changes of it.
///
/// `Synchronization.Mutex` cannot wait for a condition, so this is the POSIX pair.
package final class Monitor<Value>: @unchecked Sendable {
  // Unchecked: `value` is touched only between lock and unlock. Both live at fixed addresses, as POSIX asks.
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var value: Value

  package init(_ value: Value) {
    self.value = value
    pthread_mutex_init(lock, nil)
    pthread_cond_init(change, nil)
  }

  deinit {
    pthread_cond_destroy(change)
    pthread_mutex_destroy(lock)
    change.deallocate()
    lock.deallocate()
  }

  /// Changes the value, and wakes all who wait where `body` says that the change is news to them.
  package func update<Result>(_ body: (_ value: inout Value, _ isNews: inout Bool) -> Result) -> Result {
    pthread_mutex_lock(lock)
    var isNews = false
    defer {
      if isNews { pthread_cond_broadcast(change) }
      pthread_mutex_unlock(lock)
    }
    return body(&value, &isNews)
  }

  /// Waits until `body` returns something, which it is asked again after every update that is news.
  package func wait<Result>(_ body: (inout Value) -> Result?) -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while true {
      if let result = body(&value) { return result }
      pthread_cond_wait(change, lock)
    }
  }

  /// Waits until `condition` holds, which is asked again after every update that is news.
  package func wait(until condition: (Value) -> Bool) {
    wait { condition($0) ? () : nil }
  }
}
