import ArgumentParser

/// `lamina bench`.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measurements of the codec.",
    discussion: """
      EXAMPLES
        lamina bench speed
        lamina bench distortion --source laplace
        mpirun -n 4 lamina bench network --transport mpi
      """,
    subcommands: [BenchSpeedCommand.self, BenchDistortionCommand.self, BenchNetworkCommand.self])
}
