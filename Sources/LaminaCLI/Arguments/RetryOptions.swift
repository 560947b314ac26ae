import ArgumentParser

/// What happens to damaged messages.
struct RetryOptions: ParsableArguments {
  @Option(
    name: .customLong("retries"), parsing: .unconditional,
    help: ArgumentHelp(
      "How often a message that arrives damaged is sent again; checks are added to all messages. (default: 0, damage ends the run)",
      valueName: "times"))
  var count: Int?

  func validate() throws {
    if let count, !(0...1000).contains(count) { throw ValidationError("--retries is from 0 to 1000, not \(count)") }
  }
}
