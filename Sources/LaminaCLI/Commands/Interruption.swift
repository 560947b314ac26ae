import Experiments
import Foundation
import Synchronization

/// Ctrl-C and the request to terminate, as a wish to stop at the next step.
enum Interruption {
  private static let request = StopRequest()
  private static let received = Atomic<Int32>(0)

  /// The exit code of a command that a signal stopped: 128 and the number of the signal, so 130 for Ctrl-C.
  static var exitCode: Int32 { 128 + received.load(ordering: .relaxed) }

  /// Turns the first signal into a request; a second one ends the process at once.
  ///
  /// - Returns: The request.
  static func stop() -> StopRequest {
    // Made before any handler runs, since making them is not safe there.
    let request = request
    received.store(0, ordering: .relaxed)
    // A parent may have handed its mask down; threads that are started later inherit this one.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.received.store(number, ordering: .relaxed)
        Interruption.request.request()
        signal(number, SIG_DFL)
      }
      sigaddset(&signals, number)
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    return request
  }
}
