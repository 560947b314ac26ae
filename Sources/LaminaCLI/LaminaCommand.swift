import ArgumentParser
import Foundation

/// The command `lamina`.
@main
struct LaminaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lamina",
    abstract: "Distributed optimisation in few bits.",
    discussion: """
      Lamina quantizes gradients and dual vectors layer by layer, adapts the quantization to what it sees, codes it into \
      specified frames, and solves variational inequalities over them: QODA (arXiv 2505.14371), with the levels of ALQ \
      and AMQ (arXiv 2010.12460), Q-GenX (arXiv 2308.09187) and the classical schemes beside it.

      EXAMPLES
        Four workers play a bilinear game with 17 levels per coordinate:
          lamina solve bilinear --workers 4 --quantizer uniform:17
        The optimal three levels for a Laplace law:
          lamina levels fit --distribution laplace:0.1 --interior 3 --method alq
        A file of binary32 numbers at 4 bits each, and back:
          lamina encode gradient.f32 gradient.lamina --bits 4
          lamina decode gradient.lamina restored.f32
        A Wasserstein GAN on four workers, 5 bits per coordinate:
          lamina train wgan --data data/emoji --workers 4 --bits 5 --out runs/5bit

      EXIT CODES
        0  success; of solve also a run that diverges, which is said on stderr
        1  the command failed: a file, a frame, or the exchange; the numbers of a
           training run are no longer finite
        64 the command line is wrong
        130, 143  Ctrl-C or a request to terminate stopped a training run, which left
           a checkpoint and can be resumed
      Every failure is one line on stderr that begins with "lamina:", and leaves no partial output behind.
      """,
    version: "0.1.0",
    subcommands: [
      SolveCommand.self, LevelsCommand.self, EncodeCommand.self, DecodeCommand.self, InspectCommand.self,
      DataCommand.self, TrainCommand.self, CompareCommand.self, AdviseCommand.self, BenchCommand.self,
    ])

  static func main() { Foundation.exit(CommandRunner.run(Array(CommandLine.arguments.dropFirst()))) }
}
