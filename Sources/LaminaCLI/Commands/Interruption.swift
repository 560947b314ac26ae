import Experiments
import Foundation

/// Ctrl-C and the request to terminate, as a wish to stop at the next step.
enum Interruption {
  private static let request = StopRequest()

  /// Turns the first signal into a request; a second one ends the process at once.
  ///
  /// - Returns: The request.
  static func stop() -> StopRequest {
    // Made before any handler runs, since making it is not safe there.
    let request = request
    // A parent may have handed its mask down; threads that are started later inherit this one.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.request.request()
        signal(number, SIG_DFL)
      }
      sigaddset(&signals, number)
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    return request
  }
}
