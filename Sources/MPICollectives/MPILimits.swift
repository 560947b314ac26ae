#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How long a worker bears that another says nothing, or does nothing.
public struct MPILimits: Hashable, Sendable {
  /// The seconds without any sign of life of a process, heartbeats included, after which it is lost to all; positive.
  ///
  /// A process sends heartbeats while its worker computes, however long: only one that died, was stopped, or cannot be
  /// reached is silent.
  public var silence: Double

  /// The seconds that a call waits for a worker whose process lives but which does not make its call; positive.
  public var patience: Double

  /// The version that this worker says it speaks.
  package var version = ControlMessage.version

  /// Limits.
  ///
  /// - Parameters:
  ///   - silence: In seconds, positive; 10, or what the environment variable `LAMINA_TIMEOUT` says.
  ///   - patience: In seconds, positive.
  public init(silence: Double? = nil, patience: Double = 600) {
    let silence = silence ?? Self.environmentSilence ?? 10
    precondition(silence > 0 && patience > 0, "Limits are positive")
    self.silence = silence
    self.patience = patience
  }

  /// The value of `LAMINA_TIMEOUT`, nil where that is no positive number.
  private static var environmentSilence: Double? {
    guard let text = getenv("LAMINA_TIMEOUT"), let value = Double(String(cString: text)), value > 0 else { return nil }
    return value.isFinite ? value : nil
  }
}
