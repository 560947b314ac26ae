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
      0  success; of solve also a run that diverges, which is said on stderr
      1  the command failed: a file, a frame, or the exchange; the numbers of a
         training run are no longer finite
      64 the command line is wrong
      130, 143  Ctrl-C or a request to terminate stopped a training run, which left
         a checkpoint and can be resumed
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
      ["solve"], ["levels"], ["levels", "fit"], ["encode"], ["decode"], ["inspect"], ["data"], ["data", "prepare"],
      ["data", "gradients"], ["train"], ["train", "wgan"], ["compare"], ["advise"], ["bench"],
      ["bench", "distortion"], ["bench", "speed"], ["bench", "network"],
    ])
  func help(command: [String]) throws {
    let run = try CommandLineRun(command + ["--help"])
    #expect(run.status == 0)
    #expect(run.output.contains("USAGE: lamina \(command.joined(separator: " "))"))
    let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false)
    for line in lines where !line.hasPrefix("USAGE: ") { #expect(line.count <= 80, "\(line)") }

    // Every example can be pasted: it is one line, or its lines are continued by a backslash.
    let start = try #require(lines.firstIndex(of: "EXAMPLES"))
    var isContinued = false
    for line in lines[(start + 1)...].prefix(while: { !$0.isEmpty }) {
      let text = line.drop { $0 == " " }
      #expect(line.hasPrefix("  "), "\(line)")
      let isCommand = text.hasPrefix("lamina ") || text.hasPrefix("mpirun -n 4 lamina ")
      #expect(isContinued || isCommand || text.hasSuffix(":"), "\(line)")
      isContinued = line.hasSuffix("\\")
    }
    #expect(!isContinued)
  }

  /// Words of the help with single spaces, as the columns of options break lines anywhere.
  private func words(_ command: String...) throws -> String {
    try CommandLineRun(command + ["--help"]).output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  @Test("Defaults are named, not numbered")
  func defaults() throws {
    for command in ["solve", "encode"] {
      let help = try words(command)
      for part in [
        "(alternating). (default: main)", "observed. (default: squared-norm)", "(values: send, stop; default: send)",
        "(default: max; of solve: l2)", "(default: 1024; of solve: layer)",
        "(default: fixed; of solve, where levels adapt: huffman)",
      ] {
        #expect(help.contains(part), "\(part)")
      }
    }
    let train = try words("train", "wgan")
    #expect(train.contains("what 'lamina data prepare' makes"))
    // Every setting of a plan file.
    for key in [
      "quantizer", "budget", "bits", "typeBits", "sharesBits", "method", "model", "weighting", "grouping", "code",
      "coding",
      "schedule", "nonFinite", "fixedMultiplier", "normExponent", "bucket",
    ] {
      #expect(train.contains(key), "\(key)")
    }
  }

  @Test("Values that cannot be are told what could be")
  func expectations() throws {
    try CommandLineRun("compare", "x", "--link-speed", "fast").expectFailure(64, mentioning: "5Gbps")
    try CommandLineRun("compare", "x", "--link-latency", "-1ms").expectFailure(64, mentioning: "50us")
    try CommandLineRun("encode", "x", "y", "--bucket", "0").expectFailure(64, mentioning: "layer or vector")
    try CommandLineRun("encode", "x", "y", "--norm", "l0.5").expectFailure(64, mentioning: "at least 1")
    try CommandLineRun("solve", "bilinear", "--steps", "-5").expectFailure(64, mentioning: "-5")
    try CommandLineRun("encode", "x", "y", "--bits", "-5").expectFailure(64, mentioning: "1 to 8")
    let train = ["train", "wgan", "--data", "x", "--out", "y"]
    for (flag, value, words) in [
      ("--steps", "0", "at least 1 step"), ("--steps", "-5", "at least 1 step, not -5"),
      ("--workers", "0", "1 to 4096"),
      ("--batch", "1", "2 to 65536"), ("--learning-rate", "fast", "'fast'"), ("--bucket", "0", "layer or vector"),
    ] {
      try CommandLineRun(train + [flag, value]).expectFailure(64, mentioning: words, "lamina train wgan --help")
    }
    for (flags, words) in [
      (["--bits", "9"], "1 to 8"), (["--code", "rans"], "--code"), (["--share-bits"], "--share-bits"),
    ] {
      try CommandLineRun(train + ["--quantizer", "eden"] + flags).expectFailure(64, mentioning: words)
    }
    try CommandLineRun("train", "wgan", "--resume", "x", "--steps", "0").expectFailure(64, mentioning: "1 step")
  }

  @Test("Kernels that this processor has not are told in one line")
  func kernels() throws {
    let wrong = ["LAMINA_KERNELS": "mmx"]
    try CommandLineRun("solve", "rotation", "--steps", "1", environment: wrong)
      .expectFailure(1, mentioning: "LAMINA_KERNELS is 'mmx'", "portable")
    let right = ["LAMINA_KERNELS": "portable"]
    #expect(try CommandLineRun("solve", "rotation", "--steps", "1", environment: right).status == 0)
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
