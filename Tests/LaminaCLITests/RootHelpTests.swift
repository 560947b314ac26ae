import Testing

@Suite("lamina")
struct RootHelpTests {
  private static let help = """
    OVERVIEW: Distributed optimisation in few bits.

    Lamina quantizes gradients and dual vectors layer by layer, adapts the
    quantization to what it sees, codes it into specified frames, and solves
    variational inequalities over them: QODA (arXiv 2505.14371), with the levels of
    ALQ and AMQ (arXiv 2010.12460), Q-GenX (arXiv 2308.09187) and the classical
    schemes beside it.

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
      0  success; a run that diverges or stops early is a result, said on stderr
      1  the command failed: a file, a frame, or the exchange
      64 the command line is wrong
    Every failure is one line on stderr that begins with "lamina:", and leaves no
    partial output behind.

    USAGE: lamina <subcommand>

    """

  @Test("The help of the root command")
  func snapshot() throws {
    let run = try CommandLineRun("--help")
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    #expect(run.output.hasPrefix(Self.help), "\(run.output)")
    #expect(try CommandLineRun().output == run.output)
  }

  @Test(
    "Every command has help with examples",
    arguments: [
      ["solve"], ["levels", "fit"], ["encode"], ["decode"], ["inspect"], ["data", "prepare"], ["data", "gradients"],
      ["train", "wgan"], ["compare"], ["bench", "distortion"],
    ])
  func help(command: [String]) throws {
    let run = try CommandLineRun(command + ["--help"])
    #expect(run.status == 0)
    #expect(run.output.contains("EXAMPLES\n"))
    #expect(run.output.contains("USAGE: lamina \(command.joined(separator: " "))"))
  }

  @Test("Version, unknown commands and unknown options")
  func others() throws {
    #expect(try CommandLineRun("--version").output == "0.1.0\n")
    try CommandLineRun("frobnicate").expectFailure(64, mentioning: "frobnicate", "lamina --help")
    try CommandLineRun(
      "levels", "fit", "--interior", "1", "--method", "alq", "--distribution", "laplace:1", "--frobnicate"
    )
    .expectFailure(64, mentioning: "--frobnicate", "lamina levels fit --help")
    try CommandLineRun("compare", "nowhere").expectFailure(1, mentioning: "nowhere")
    try CommandLineRun("compare").expectFailure(64)
    try CommandLineRun("compare", "x", "--link-speed", "fast").expectFailure(64, mentioning: "--link-speed")
    try CommandLineRun("levels", "fit", "--interior", "3", "--method", "alq").expectFailure(64, mentioning: "--file")
    try CommandLineRun("levels", "fit", "--interior", "3", "--method", "best", "--distribution", "laplace:1")
      .expectFailure(64, mentioning: "best")
    try CommandLineRun("levels", "fit", "--interior", "200", "--method", "alq", "--distribution", "laplace:1")
      .expectFailure(64, mentioning: "126")
    try CommandLineRun("levels", "fit", "--interior", "3", "--method", "alq", "--distribution", "truncated-normal:0,-1")
      .expectFailure(64, mentioning: "SIGMA")
  }
}
