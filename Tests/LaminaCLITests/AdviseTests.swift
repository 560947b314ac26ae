import Testing

@Suite("lamina advise")
struct AdviseTests {
  @Test("A slow link: the table, the advice, a plot, and the same as JSON")
  func slowLink() throws {
    let folder = try TestFolder()
    let arguments = ["advise", "--parameters", "2.6M", "--workers", "8", "--link", "100Mbps", "--compute", "50ms"]
    let run = try CommandLineRun(arguments + ["--plot", "advice.svg"], folder: folder)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("Use ") && run.output.contains("--reduction scatter-reduce"))
    #expect(run.output.contains("(modelled)"))
    let plot = String(decoding: try folder.read("advice.svg"), as: UTF8.self)
    #expect(plot.hasPrefix("<svg xmlns=") && plot.contains("8 workers, modelled"))
    let json = try CommandLineRun(arguments + ["--json"]).json()
    #expect((json["schemes"] as? [[String: Any]])?.count == 12)
    #expect((json["grid"] as? [[String: Any]])?.count == 88)
    #expect((json["best"] as? [String: Any])?["flags"] is String)
  }

  @Test("Where the link is no bottleneck the advice is not to compress")
  func fastLink() throws {
    let run = try CommandLineRun("advise", "--parameters", "1K", "--compute", "10s", "--link", "100Gbps")
    #expect(run.status == 0 && run.output.contains("Do not compress"))
  }

  @Test(
    "Wrong flags are refused by name",
    arguments: [
      ["--parameters", "0", "--compute", "1ms"], ["--parameters", "many", "--compute", "1ms"],
      ["--parameters", "1M", "--compute", "-1ms"], ["--parameters", "1M", "--compute", "1ms", "--workers", "0"],
      ["--parameters", "1M", "--compute", "1ms", "--bits", "1"],
      ["--parameters", "1M", "--compute", "1ms", "--dithered-bits", "3,3"], ["--compute", "1ms"],
    ])
  func wrongFlags(flags: [String]) throws {
    let run = try CommandLineRun(["advise"] + flags)
    #expect(run.status == 64 && run.output.isEmpty && run.errors.hasPrefix("lamina: "), "\(run.errors)")
  }

  @Test("Exchanges are timed between processes only")
  func networkNeedsProcesses() throws {
    let run = try CommandLineRun("bench", "network", "--parameters", "1K")
    #expect(run.status == 64 && run.errors.contains("--transport mpi"))
  }
}
