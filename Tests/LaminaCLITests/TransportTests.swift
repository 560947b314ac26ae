import Testing

@Suite("--transport")
struct TransportTests {
  // With the trait, the command needs a launcher: that is scripts/test-mpi.sh.
  #if !MPI
    @Test("Without the trait MPI the command says how to build")
    func unavailable() throws {
      try CommandLineRun("solve", "bilinear", "--transport", "mpi")
        .expectFailure(1, mentioning: "no MPI", "--traits Torch,MPI")
    }
  #endif

  @Test("Flags of one transport are usage errors with the other")
  func usage() throws {
    try CommandLineRun("solve", "bilinear", "--transport", "pigeons").expectFailure(64, mentioning: "threads", "mpi")
    try CommandLineRun("solve", "bilinear", "--timeout", "5").expectFailure(64, mentioning: "--transport mpi")
    try CommandLineRun("solve", "bilinear", "--patience", "5").expectFailure(64, mentioning: "--transport mpi")
    try CommandLineRun("solve", "bilinear", "--transport", "mpi", "--timeout", "0").expectFailure(64, mentioning: "0")
    try CommandLineRun(
      "train", "wgan", "--data", "images", "--out", "run", "--transport", "mpi", "--threads", "2"
    ).expectFailure(64, mentioning: "--threads")
  }
}
