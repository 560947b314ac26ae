import ArgumentParser
import Foundation

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
      try command.run()
      return ExitCode.success.rawValue
    } catch {
      return report(error, arguments: arguments)
    }
  }

  private static func report(_ error: any Error, arguments: [String]) -> Int32 {
    let code = LaminaCommand.exitCode(for: error)
    guard !code.isSuccess else {
      print(LaminaCommand.fullMessage(for: error))
      return code.rawValue
    }
    // Sentences of errors may span lines or end in a full stop; a shell wants neither.
    var message = LaminaCommand.message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
    while message.hasSuffix(".") { message.removeLast() }
    if code == .validationFailure { message += " (see '\(helpCommand(for: arguments))')" }
    StandardError.write("lamina: \(message)\n")
    return code.rawValue
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
