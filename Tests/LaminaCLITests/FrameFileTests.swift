import Foundation
import Testing

@Suite("lamina encode, decode and inspect")
struct FrameFileTests {
  /// 3000 numbers of all signs and scales, without randomness.
  private static let values: [Float] = (0..<3000).map { index in
    let numerator = (index * 7919) % 2003 - 1001
    return Float(numerator) / Float(1 + index % 13)
  }

  private func folder() throws -> TestFolder {
    let folder = try TestFolder()
    try folder.write(Self.values, "x.f32")
    return folder
  }

  @Test("Exact numbers come back bit for bit")
  func exact() throws {
    let folder = try folder()
    #expect(try CommandLineRun("encode", "x.f32", "y.lamina", "--levels", "none", folder: folder).status == 0)
    #expect(try CommandLineRun("decode", "y.lamina", "z.f32", folder: folder).status == 0)
    #expect(try folder.read("z.f32") == folder.read("x.f32"))
  }

  @Test(
    "Decoded numbers have the error that encoding reported",
    arguments: [
      ["--bits", "5"], ["--bits", "1"], ["--bits", "8", "--bucket", "64"], ["--levels", "ternary", "--norm", "l1"],
      ["--levels", "eden:1"], ["--levels", "eden:5"], ["--levels", "dithered:4"],
      ["--levels", "alq:6", "--code", "huffman"], ["--levels", "amq:3", "--code", "rans"],
      ["--levels", "levels:-1,-0.2,0.1,1", "--adaptation", "optimal", "--code", "huffman"],
      ["--levels", "lloyd:6", "--norm", "l2", "--bucket", "vector", "--code", "elias-omega"],
      ["--levels", "uniform:9", "--bucket", "layer", "--code", "elias-gamma", "--norm", "l3"],
      [
        "--layers", "conv1.weight:1500,conv1.bias:100,head:1400:linear", "--protocol", "alternating", "--code",
        "huffman", "--levels", "optimal:6",
      ],
    ])
  func roundTrip(options: [String]) throws {
    let folder = try folder()
    let summary = try CommandLineRun(["encode", "x.f32", "y.lamina", "--json"] + options, folder: folder).json()
    #expect(try CommandLineRun("decode", "y.lamina", "z.f32", folder: folder).status == 0)
    let decoded = try folder.floats("z.f32")
    #expect(decoded.count == Self.values.count)
    var error = 0.0
    var norm = 0.0
    for (found, sent) in zip(decoded, Self.values) {
      let difference = Double(found) - Double(sent)
      error += difference * difference
      norm += Double(sent) * Double(sent)
    }
    let reported = try #require(summary["normalizedError"] as? Double)
    #expect(abs(error / norm / reported - 1) < 1e-5)
    #expect(summary["bytes"] as? Int == (try folder.read("y.lamina")).count)
    let bits = try #require(summary["bitsPerCoordinate"] as? Double)
    #expect(try #require(summary["frameBytes"] as? Int) == Int((bits * Double(Self.values.count) / 8).rounded()))
  }

  @Test("Same command, same bytes; another seed, other bytes")
  func repeatable() throws {
    let folder = try folder()
    for (name, seed) in [("a", "1"), ("b", "1"), ("c", "2")] {
      #expect(try CommandLineRun("encode", "x.f32", name, "--seed", seed, folder: folder).status == 0)
    }
    #expect(try folder.read("a") == folder.read("b"))
    #expect(try folder.read("a") != folder.read("c"))
  }

  @Test("Any number of threads writes and reads the same bytes", arguments: ["dithered:3", "eden:2", "uniform:16"])
  func threads(levels: String) throws {
    let folder = try TestFolder()
    // Several of the pieces that threads share, of every quantizer but dither, whose pieces are half a million.
    try folder.write((0..<150_000).map { Self.values[$0 % Self.values.count] }, "x.f32")
    for threads in ["1", "3"] {
      let encoded = try CommandLineRun(
        "encode", "x.f32", "y\(threads)", "--levels", levels, "--threads", threads, folder: folder)
      #expect(encoded.status == 0, "\(encoded.errors)")
      #expect(
        try CommandLineRun("decode", "y1", "z\(threads)", "--threads", threads, folder: folder).status == 0)
    }
    #expect(try folder.read("y1") == folder.read("y3") && folder.read("z1") == folder.read("z3"))
    try CommandLineRun("encode", "x.f32", "y", "--threads", "0", folder: folder)
      .expectFailure(64, mentioning: "at least 1")
  }

  @Test("Decoding reports what it restored as JSON, where it is asked to")
  func decodeSummary() throws {
    let folder = try folder()
    let encoded = try CommandLineRun("encode", "x.f32", "y", "--levels", "none", "--json", folder: folder).json()
    let silent = try CommandLineRun("decode", "y", "z.f32", folder: folder)
    #expect(silent.status == 0 && silent.output.isEmpty)
    let decoded = try CommandLineRun("decode", "y", "z.f32", "--json", folder: folder).json()
    #expect(decoded["coordinates"] as? Int == 3000 && decoded["bytes"] as? Int == 12_000)
    #expect(decoded["frameBytes"] as? Int == encoded["frameBytes"] as? Int && decoded["notFinite"] as? Int == 0)
    let energy = Self.values.reduce(0) { $0 + Double($1) * Double($1) }
    #expect(abs(try #require(decoded["squaredNorm"] as? Double) / energy - 1) < 1e-9)
  }

  @Test("Inspection tells plan and frame")
  func inspect() throws {
    let folder = try folder()
    let layers = "conv1.weight:2900,conv1.bias:100"
    #expect(
      try CommandLineRun(
        "encode", "x.f32", "y", "--bits", "4", "--layers", layers, "--rank", "3", "--step", "9", "--seed", "5",
        folder: folder
      ).status == 0)
    let json = try CommandLineRun("inspect", "y", "--json", folder: folder).json()
    #expect(json["coordinates"] as? Int == 3000)
    #expect(json["rank"] as? Int == 3)
    #expect(json["step"] as? Int == 9)
    #expect(json["seed"] as? Int == 5)
    let types = try #require(json["types"] as? [[String: Any]])
    #expect(types.map { $0["name"] as? String } == ["bias", "convolution"])
    #expect(types[0]["isExact"] as? Bool == true)
    #expect((types[1]["levels"] as? [Double])?.count == 8)
    #expect(try CommandLineRun("inspect", "y", folder: folder).output.contains("conv1.weight"))
    #expect(try CommandLineRun("encode", "x.f32", "y", "--levels", "eden:2", folder: folder).status == 0)
    let rotated = try CommandLineRun("inspect", "y", folder: folder)
    #expect(rotated.output.contains("rotated, 2 bits, blocks of 4096, 2 rounds"), "\(rotated.output)")
  }

  @Test("NaN and infinity travel exactly, or stop the command")
  func nonFinite() throws {
    let folder = try TestFolder()
    try folder.write([1, .nan, -.infinity, 2, 3, 4] as [Float], "x.f32")
    let summary = try CommandLineRun("encode", "x.f32", "y", "--bucket", "3", "--json", folder: folder).json()
    #expect(summary["exactBuckets"] as? Int == 1)
    let text = try CommandLineRun("encode", "x.f32", "y", "--bucket", "3", folder: folder)
    #expect(text.errors == "lamina: x.f32: 2 of 6 numbers are not finite; they travel exactly\n")
    #expect(text.output.contains("none, for not all is finite"))
    #expect(try CommandLineRun("decode", "y", "z.f32", folder: folder).status == 0)
    let decoded = try folder.floats("z.f32")
    #expect(decoded[0] == 1 && decoded[1].isNaN && decoded[2] == -.infinity)
    try CommandLineRun("encode", "x.f32", "w", "--non-finite", "stop", folder: folder)
      .expectFailure(1, mentioning: "not finite")
    #expect(try folder.names() == ["x.f32", "y", "z.f32"])
  }

  @Test("Bad files and options fail in one line and leave nothing behind")
  func badInput() throws {
    let folder = try folder()
    try folder.write([1, 2, 3] as [UInt8], "odd.f32")
    try folder.write([] as [UInt8], "empty.f32")
    let names = try folder.names()
    func fails(_ code: Int32, _ words: String, _ arguments: String...) throws {
      try CommandLineRun(["encode"] + arguments, folder: folder).expectFailure(code, mentioning: words)
      #expect(try folder.names() == names)
    }
    try fails(1, "no such file", "missing.f32", "y")
    try fails(1, "3 bytes", "odd.f32", "y")
    try fails(1, "empty", "empty.f32", "y")
    try fails(1, "folder", ".", "y")
    try fails(1, "absent", "x.f32", "absent/y")
    try fails(1, "not a file", "x.f32", ".")
    try fails(1, "not a file", "x.f32", "/dev/null")
    try fails(1, "mystery", "x.f32", "y", "--layers", "mystery:3000")
    try fails(1, "2999", "x.f32", "y", "--layers", "fc:2999")
    try fails(1, "no coordinates", "x.f32", "y", "--layers", "fc:3000,conv:0")
    try fails(64, "NAME:COUNT", "x.f32", "y", "--layers", "fc")
    try fails(64, "1 to 8", "x.f32", "y", "--bits", "9")
    try fails(64, "exclude", "x.f32", "y", "--bits", "3", "--levels", "ternary")
    try fails(64, "eden:B", "x.f32", "y", "--levels", "eden:9")
    try fails(64, "are for levels", "x.f32", "y", "--levels", "eden:2", "--code", "rans")
    try fails(64, "increase", "x.f32", "y", "--levels", "levels:0,0.5,0.5,1")
    try fails(64, "--norm", "x.f32", "y", "--norm", "l0.5")
    try fails(64, "--bucket", "x.f32", "y", "--bucket", "0")
    try fails(64, "--code", "x.f32", "y", "--code", "morse")
    try CommandLineRun("levels", "fit", "--file", "odd.f32", "--interior", "3", "--method", "alq", folder: folder)
      .expectFailure(1, mentioning: "3 bytes")
  }

  @Test("Truncated, corrupted and foreign files fail in one line and leave nothing behind")
  func badFrames() throws {
    let folder = try folder()
    #expect(
      try CommandLineRun("encode", "x.f32", "y", "--levels", "alq:6", "--code", "rans", folder: folder).status == 0)
    let good = try folder.read("y")
    var cases = stride(from: 0, to: good.count, by: good.count / 40).map { Array(good.prefix($0)) }
    for position in stride(from: 0, to: good.count, by: good.count / 40) {
      var bytes = good
      bytes[position] ^= 0x10
      cases.append(bytes)
    }
    cases.append(good + [0])
    cases.append(Array("LAMF".utf8) + [UInt8](repeating: 0xFF, count: 64))
    for bytes in cases {
      try folder.write(bytes, "bad")
      try CommandLineRun("decode", "bad", "out.f32", folder: folder).expectFailure(1, mentioning: "bad: ")
      #expect(try folder.names() == ["bad", "x.f32", "y"])
    }
    try folder.write(cases[1], "bad")
    try CommandLineRun("inspect", "bad", folder: folder).expectFailure(1, mentioning: "bad: ")
  }

  @Test("A failed decode keeps what was there")
  func keepsOutput() throws {
    let folder = try folder()
    try folder.write([7] as [Float], "out.f32")
    try CommandLineRun("decode", "x.f32", "out.f32", folder: folder).expectFailure(1, mentioning: "LAMF")
    #expect(try folder.floats("out.f32") == [7])
  }

  @Test("A command never replaces the file that it reads, by whatever name")
  func sameFile() throws {
    let folder = try folder()
    #expect(try CommandLineRun("encode", "x.f32", "y", folder: folder).status == 0)
    try FileManager.default.createSymbolicLink(atPath: folder.path("soft"), withDestinationPath: "x.f32")
    try FileManager.default.linkItem(atPath: folder.path("y"), toPath: folder.path("hard"))
    let (numbers, frame) = (try folder.read("x.f32"), try folder.read("y"))
    for output in ["x.f32", "./x.f32", "soft"] {
      try CommandLineRun("encode", "x.f32", output, folder: folder).expectFailure(
        1, mentioning: "the file that is read")
    }
    for output in ["y", "hard"] {
      try CommandLineRun("decode", "y", output, folder: folder).expectFailure(1, mentioning: "the file that is read")
    }
    #expect(try folder.read("x.f32") == numbers && folder.read("y") == frame)
    #expect(try folder.names() == ["hard", "soft", "x.f32", "y"])
  }

  @Test("A truncated file is told its bytes, and those that were expected where the file says so")
  func truncated() throws {
    let folder = try folder()
    #expect(try CommandLineRun("encode", "x.f32", "y", folder: folder).status == 0)
    let good = try folder.read("y")
    let planEnd = 12 + Int(good[8]) + Int(good[9]) << 8
    for (size, words) in [
      (7, "truncated: 12 bytes expected before the plan, 7 found"),
      (planEnd - 1, "truncated: \(planEnd) bytes expected before the frame, \(planEnd - 1) found"),
      (planEnd, "truncated: \(planEnd) bytes expected before the frame, \(planEnd) found"),
      (planEnd + 33, "truncated: at least \(planEnd + 38) bytes expected, \(planEnd + 33) found"),
      (planEnd + 36, "truncated: \(good.count) bytes expected, \(planEnd + 36) found"),
      (good.count - 1, "truncated: \(good.count) bytes expected, \(good.count - 1) found"),
    ] {
      try folder.write(Array(good.prefix(size)), "bad")
      try CommandLineRun("decode", "bad", "z", folder: folder).expectFailure(1, mentioning: words)
    }
  }

  @Test("A sum of several workers' frames in a file is refused, by its kind")
  func sum() throws {
    let folder = try folder()
    #expect(try CommandLineRun("encode", "x.f32", "y", folder: folder).status == 0)
    var bytes = try folder.read("y")
    let planEnd = 12 + Int(bytes[8]) + Int(bytes[9]) << 8
    bytes[planEnd + 5] = 1
    let end = bytes.count - 4
    let checksum = bytes[planEnd..<end].reduce(UInt32.max) { register, byte in
      (0..<8).reduce(register ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0x82F6_3B78 : 0) }
    }
    for i in 0..<4 { bytes[end + i] = UInt8(truncatingIfNeeded: ~checksum >> UInt32(8 * i)) }
    try folder.write(bytes, "sum")
    for command in [["decode", "sum", "z"], ["inspect", "sum"]] {
      try CommandLineRun(command, folder: folder).expectFailure(1, mentioning: "its frame is of kind 1, the mean of")
    }
  }
}
