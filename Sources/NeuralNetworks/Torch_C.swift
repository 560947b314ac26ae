import CTorchShims

/// The LibTorch of this process.
public enum Torch {
  /// Whether this build has LibTorch.
  public static var isAvailable: Bool { laminat_is_available() != 0 }

  /// Makes mathematics single-threaded on the calling thread.
  ///
  /// Workers are threads: each computes alone, so that results do not depend on how many there are, and two workers do
  /// not fight for a core through the pools of OpenMP and BLAS. Calling it again costs nothing.
  ///
  /// - Throws: ``TorchError/unavailable``.
  package static func useOneThread() throws(TorchError) {
    try check(laminat_use_one_thread(), "one thread per worker")
  }

  /// Runs `body` without recording what derivatives would need.
  ///
  /// - Parameter body: Computes on the calling thread, to which the setting belongs.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  package static func withoutGradients<Result>(_ body: () throws(TorchError) -> Result) throws(TorchError) -> Result {
    var previous: Int32 = 1
    try check(laminat_set_gradient_mode(0, &previous), "gradient mode")
    defer {
      var ignored: Int32 = 0
      _ = laminat_set_gradient_mode(previous, &ignored)
    }
    return try body()
  }

  /// Turns a status of the C interface into an error.
  ///
  /// - Parameters:
  ///   - status: What a function returned.
  ///   - operation: What was asked for, as an error names it.
  /// - Throws: ``TorchError`` unless the status is a success.
  static func check(_ status: laminat_status, _ operation: @autoclosure () -> String) throws(TorchError) {
    if status.code == LAMINAT_OK { return }
    if status.code == LAMINAT_UNAVAILABLE { throw .unavailable }
    let reason = withUnsafeBytes(of: status.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    throw .failed(operation: operation(), reason: reason)
  }
}
