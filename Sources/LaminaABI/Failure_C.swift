internal import CLamina
import GradientExchange
import Quantization
import WireFormat

/// Why a call failed, as C is told.
struct Failure: Error {
  let status: lamina_status
  let message: String

  static func argument(_ message: String) -> Failure {
    Failure(status: code(LAMINA_INVALID_ARGUMENT), message: message)
  }
  static func plan(_ message: String) -> Failure { Failure(status: code(LAMINA_INVALID_PLAN), message: message) }
  static func null(_ name: StaticString) -> Failure { argument("'\(name)' is a null pointer.") }

  init(status: lamina_status, message: String) {
    self.status = status
    self.message = message
  }

  init(_ error: WireFormatError) {
    let isOther =
      switch error {
      case .unsupportedVersion, .kindMismatch, .workersMismatch, .staleLevels, .planMismatch, .stepMismatch,
        .rankMismatch:
        true
      default: false
      }
    self.init(status: Self.code(isOther ? LAMINA_MISMATCH : LAMINA_DAMAGED), message: "\(error)")
  }

  init(_ error: ExchangeStateError) {
    self.init(status: Self.code(LAMINA_DAMAGED), message: "\(error)")
  }

  init(_ error: ExchangeError) {
    switch error {
    case .frame(_, let inner): self.init(status: Failure(inner).status, message: "\(error)")
    case .collective(.transport(_, let message)):
      self.init(status: Self.code(LAMINA_TRANSPORT_FAILED), message: message)
    default: self.init(status: Self.code(Self.kind(of: error)), message: "\(error)")
    }
  }

  private static func kind(of error: ExchangeError) -> some BinaryInteger {
    switch error {
    case .collective: LAMINA_TRANSPORT_FAILED
    case .frame, .statistics, .agreement: LAMINA_DAMAGED
    case .plan: LAMINA_INVALID_PLAN
    case .nonFinite: LAMINA_NON_FINITE
    case .abandoned: LAMINA_ABANDONED
    case .dimension: LAMINA_INVALID_ARGUMENT
    }
  }

  /// The constants of the header come as numbers of another type.
  static func code(_ constant: some BinaryInteger) -> lamina_status { lamina_status(constant) }
}

/// Runs what a call does, and tells C what became of it.
func reporting(
  to place: UnsafeMutablePointer<lamina_error>?, _ body: () throws(Failure) -> Void
) -> lamina_status {
  do {
    try body()
    place?.write("")
    return Failure.code(LAMINA_OK)
  } catch {
    place?.write(error.message)
    return error.status
  }
}

extension UnsafeMutablePointer<lamina_error> {
  /// Writes a sentence, cut between characters where it is too long, and the zero behind it.
  fileprivate func write(_ message: String) {
    withUnsafeMutableBytes(of: &pointee.message) { bytes in
      var text = message[...]
      while text.utf8.count >= bytes.count { text.removeLast() }
      bytes.copyBytes(from: text.utf8)
      bytes[text.utf8.count] = 0
    }
  }
}

extension String {
  /// The text of a C string.
  init(_ text: UnsafePointer<CChar>?, _ name: StaticString) throws(Failure) {
    guard let text else { throw .null(name) }
    guard let string = String(validatingCString: text) else { throw .argument("'\(name)' is not UTF-8.") }
    self = string
  }
}
