import Foundation
import LaminaNumerics
import Quantization
import Testing
import WireFormat

/// Random and damaged bytes through every decoder: typed errors, or a vector, and nothing else.
@Suite struct FrameFuzzTests {
  @Test("A million random byte strings, damaged frames and damaged plans give errors or values, never a trap")
  func million() throws {
    let targets = try Self.targets()
    let before = Self.peakMemory()
    var tally = Tally()
    var stream = RandomStream(key: RandomKey(seed: 31))
    for round in 0..<1_000_000 {
      // Every kind of damage for every target.
      let target = targets[round / 10 % targets.count]
      switch round % 10 {
      case 0: tally.count { () throws(WireFormatError) in try decode(random(&stream), target) }
      case 1, 2: tally.count { () throws(WireFormatError) in try decode(scribbled(&stream, target), target) }
      case 3, 4:
        tally.count { () throws(WireFormatError) in try decodePlan(mutated(target.planBytes, &stream, from: 0), target)
        }
      case 5:
        tally.count { () throws(WireFormatError) in try decode(mutatedHeader(target.frame, &stream), target)
        }
      default:
        tally.count { () throws(WireFormatError) in
          try decode(repaired(mutated(target.frame, &stream, from: target.payloadStart)), target)
        }
      }
    }
    // The damage reaches every part of the decoders.
    for error in [
      "truncated", "badMagic", "unsupportedVersion", "unknownKind", "checksumMismatch", "staleLevels", "planMismatch",
      "stepMismatch", "rankMismatch", "kindMismatch", "workersMismatch", "invalidNorm", "levelOutOfRange",
      "trailingBytes", "malformedPlan",
      "payload.truncated", "payload.invalidCodeword", "payload.symbolOutOfRange", "payload.inconsistentState",
      "payload.nonzeroPadding", "payload.trailingBits", "invalidNumber", "invalidMarks", "invalidModel",
    ] { #expect(tally.errors[error, default: 0] > 0, "\(error) never came up: \(tally.errors)") }
    #expect(tally.values > 1000)
    // The targets need some kilobytes; what other tests hold at the same time is far below this too.
    #expect(Self.peakMemory() - before < 256 << 20)
  }

  /// What is damaged: small frames of every code and both protocols.
  private struct Target {
    let workshop: FrameWorkshop
    let planBytes: [UInt8]
    let frame: [UInt8]
    /// How many workers the frame is the sum of, nil where it is of one.
    var workers: Int?
    var payloadStart: Int { SpoiledFrame(frame).payloadStart }
  }

  private struct Tally {
    var values = 0
    var errors: [String: Int] = [:]

    mutating func count(_ body: () throws(WireFormatError) -> Void) {
      do {
        try body()
        values += 1
      } catch {
        errors[name(of: error), default: 0] += 1
      }
    }
  }

  /// The most memory that this process ever held, in bytes.
  private static func peakMemory() -> Int {
    var usage = rusage()
    #if os(Linux)
      guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
      return Int(usage.ru_maxrss) * 1024
    #else
      guard getrusage(RUSAGE_SELF, &usage) == 0 else { return 0 }
      return Int(usage.ru_maxrss)
    #endif
  }

  private static func targets() throws -> [Target] {
    var recipes = CodingProtocol.allCases.flatMap { coding in
      LayerCode.Kind.allCases.map { PlanRecipe.mixed(code: $0, coding: coding) }
    }
    for index in recipes.indices {
      recipes[index].layers = [
        ("a", .convolution, 70), ("b", .bias, 3), ("c", .linear, 20), ("d", .embedding, 17), ("e", .convolution, 9),
      ]
      guard index % 3 == 0 else { continue }
      recipes[index].quantizers[.linear] = LevelQuantizer(
        levels: Levels.uniform(intervals: 4).mirroredWithoutZero(), norm: .l2, scope: .vector)
    }
    recipes.append(PlanRecipe(layers: [("a", .bias, 4)], quantizers: [:]))
    recipes += ditheredRecipes() + rotatedRecipes()
    return try recipes.map { recipe in
      let plan = try recipe.plan()
      var workshop = FrameWorkshop(plan)
      var vector = plainVector(count: plan.map.dimension, seed: 7)
      if vector.count > 60 {
        vector[3] = .nan
        vector[66] = 0
      }
      let frame = workshop.frame(of: vector).bytes
      return Target(workshop: workshop, planBytes: plan.encoded(), frame: frame)
    } + sums()
  }

  /// Sums of one to as many workers as there may be, where dithers, rotations and levels lie beside each other, and where
  /// every other worker has zeros in one of the buckets.
  private static func sums() throws -> [Target] {
    var recipes = ditheredRecipes() + rotatedRecipes()
    for index in recipes.indices where recipes[index].coding == .alternating { recipes[index].coding = .main }
    recipes.append(
      PlanRecipe(
        layers: [("a", .linear, 1060)], quantizers: [:], dithered: [.linear: DitheredQuantizer(step: .agreed(1))]))
    return try recipes.enumerated().map { index, recipe in
      let plan = try recipe.plan()
      let workers = [3, 1, 64, 2, 9, 65][index % 6]
      let vectors = (0..<workers).map { worker in
        var vector = plainVector(count: plan.map.dimension, seed: UInt64(worker))
        if worker % 2 == 1 {
          let start = plan.map.dimension > 1024 ? 1024 : 0
          vector.replaceSubrange(start..., with: repeatElement(0, count: vector.count - start))
        }
        return vector
      }
      var workshop = FrameWorkshop(plan)
      let frame = try workshop.sum(of: vectors).bytes
      return Target(workshop: workshop, planBytes: plan.encoded(), frame: frame, workers: workers)
    }
  }

  /// Every source of the step, raw bits, escapes, a table, and levels beside them.
  private static func ditheredRecipes() -> [PlanRecipe] {
    var mixed = PlanRecipe.mixed(code: .rans, coding: .alternating)
    mixed.layers = [("a", .convolution, 70), ("b", .bias, 30), ("c", .linear, 20), ("d", .embedding, 17)]
    mixed.dithered[.bias] = DitheredQuantizer(step: .relative(0.125, .vector))
    let steps: [DitheredQuantizer.Step] = [
      .agreed(0.25), .agreed(0.01), .relative(0.01, .layer), .relative(0.5, .vector), .relative(0.25, .bucket(20)),
    ]
    return [mixed]
      + steps.map { step in
        PlanRecipe(
          layers: [("a", .linear, 90), ("b", .bias, 3), ("c", .linear, 40)], quantizers: [:],
          dithered: [.linear: DitheredQuantizer(step: step)])
      }
  }

  /// Several blocks, a tail, and levels and dither beside them.
  private static func rotatedRecipes() -> [PlanRecipe] {
    var mixed = PlanRecipe.mixed(code: .rans, coding: .alternating)
    mixed.layers = [("a", .convolution, 70), ("b", .bias, 30), ("c", .linear, 20), ("d", .embedding, 17)]
    mixed.dithered[.bias] = DitheredQuantizer(step: .relative(0.125, .vector))
    mixed.quantizers[.linear] = nil
    mixed.rotated[.linear] = EDENQuantizer(bits: 2)
    return [
      mixed,
      PlanRecipe(
        layers: [("a", .linear, 300), ("b", .bias, 3)], quantizers: [:],
        rotated: [.linear: EDENQuantizer(bits: 1, blockSize: 128, rounds: 1)]),
    ]
  }

  private func decode(_ bytes: [UInt8], _ target: Target) throws(WireFormatError) {
    let decoded = try target.workshop.decode(bytes, workers: target.workers)
    precondition(decoded.count == target.workshop.plan.map.dimension)
  }

  /// Reads a plan, and where it is one, reads a frame by it.
  private func decodePlan(_ bytes: [UInt8], _ target: Target) throws(WireFormatError) {
    let plan = try QuantizationPlan(decoding: bytes[...])
    guard plan.map.dimension <= 4096 else { return }
    var frame = SpoiledFrame(target.frame)
    for i in 0..<8 {
      frame.bytes[SpoiledFrame.digestOffset + i] = UInt8(truncatingIfNeeded: plan.digest >> UInt64(8 * i))
    }
    frame.replace(.epoch, by: UInt64(plan.levelEpoch))
    frame.repairChecksum()
    _ = try FrameWorkshop(plan).decode(frame.bytes, workers: target.workers)
  }

  private func random(_ stream: inout RandomStream) -> [UInt8] {
    (0..<Int(stream.next() % 200)).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
  }

  /// A frame with random bytes somewhere in its payload, and a right checksum.
  private func scribbled(_ stream: inout RandomStream, _ target: Target) -> [UInt8] {
    var frame = target.frame
    let head = target.payloadStart
    let start = head + Int(stream.next() % UInt64(frame.count - head - FrameHeader.trailerSize))
    for i in start..<min(start + 1 + Int(stream.next() % 40), frame.count - 4) {
      frame[i] = UInt8(truncatingIfNeeded: stream.next())
    }
    return checked(frame)
  }

  private func mutated(_ bytes: [UInt8], _ stream: inout RandomStream, from start: Int) -> [UInt8] {
    var result = bytes
    for _ in 0...stream.next() % 3 where result.count > start {
      let place = start + Int(stream.next() % UInt64(result.count - start))
      switch stream.next() % 8 {
      case 0: result.remove(at: place)
      case 1: result.insert(UInt8(truncatingIfNeeded: stream.next()), at: place)
      case 2: result[place] = [0, 0xFF, 0x7F, 0x80][Int(stream.next() % 4)]
      case 3: result.removeLast(min(result.count - start, Int(stream.next() % 8)))
      case 4: for i in place..<min(place + 4, result.count) { result[i] = 0 }
      default: result[place] ^= 1 << UInt8(stream.next() % 8)
      }
    }
    return result
  }

  /// Damage anywhere, half of it with a right checksum, so that the checks behind that of the checksum are reached.
  private func mutatedHeader(_ frame: [UInt8], _ stream: inout RandomStream) -> [UInt8] {
    let bytes = mutated(frame, &stream, from: 0)
    return stream.next() % 2 == 0 ? bytes : checked(bytes)
  }

  /// The same with a right checksum, and whatever the header says.
  private func checked(_ bytes: [UInt8]) -> [UInt8] {
    var frame = SpoiledFrame(bytes)
    frame.repairChecksum()
    return frame.bytes
  }

  private func repaired(_ bytes: [UInt8]) -> [UInt8] {
    var frame = SpoiledFrame(bytes)
    frame.repair()
    return frame.bytes
  }
}
