import ArgumentParser
import Experiments
import Foundation
import LaminaNumerics

/// Why a command failed, in one sentence for people.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Runs one command line and turns every end of it into an exit code.
enum CommandRunner {
  static func run(_ arguments: [String]) -> Int32 {
    do {
      var command = try LaminaCommand.parseAsRoot(arguments)
      if let fault = KernelTier.environmentFault { throw CommandFailure(fault) }
      try command.run()
      return ExitCode.success.rawValue
    } catch {
      return report(error, arguments: arguments)
    }
  }

  /// Prints why this worker fails, on one line.
  ///
  /// - Returns: The exit code for it.
  static func printFailure(_ error: any Error, by worker: String) -> ExitCode {
    StandardError.write("lamina: \(worker): \(oneLine(LaminaCommand.message(for: error)))\n")
    return LaminaCommand.exitCode(for: error)
  }

  private static func report(_ error: any Error, arguments: [String]) -> Int32 {
    // The failure of one worker among processes has been printed by then.
    if let code = error as? ExitCode { return code.rawValue }
    let code = LaminaCommand.exitCode(for: error)
    guard !code.isSuccess else {
      print(LaminaCommand.fullMessage(for: error))
      return code.rawValue
    }
    var message = oneLine(LaminaCommand.message(for: error))
    if code == .validationFailure { message += " (see '\(helpCommand(for: arguments))')" }
    StandardError.write("lamina: \(message)\n")
    if case .stopped? = error as? TrainingError { return Interruption.exitCode }
    return code.rawValue
  }

  /// The sentences of an error on one line, without a full stop; the items of a list become words with commas.
  static func oneLine(_ message: String) -> String {
    var line = ""
    var isInList = false
    for part in message.split(whereSeparator: \.isNewline) {
      let text = part.drop { $0 == " " }
      let isItem = text.hasPrefix("- ")
      line += (line.isEmpty ? "" : isItem && isInList ? ", " : " ") + (isItem ? text.dropFirst(2) : text)
      isInList = isItem
    }
    while line.hasSuffix(".") { line.removeLast() }
    return line
  }

  /// How to ask for help on the subcommand that `arguments` begin with.
  private static func helpCommand(for arguments: [String]) -> String {
    var path = ["lamina"]
    var candidates = LaminaCommand.configuration.subcommands
    for argument in arguments {
      guard let command = candidates.first(where: { $0.configuration.commandName == argument }) else { break }
      path.append(argument)
      candidates = command.configuration.subcommands
    }
    return path.joined(separator: " ") + " --help"
  }
}

/// The stream for everything that is not the result.
enum StandardError {
  static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

  /// Whether people look at it.
  static var isTerminal: Bool { isatty(FileHandle.standardError.fileDescriptor) == 1 }
}
