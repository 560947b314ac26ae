import LaminaNumerics
import Quantization
import Testing
import WireFormat

@Suite struct FrameRoundTripTests {
  private static let sizes = [1, 2, 7, 31, 32, 33, 511, 512, 513, 1023, 1024, 1025, 2048 + 17]

  @Test(
    "Fact 10: decode(encode(x)) is the quantizer's own output bit for bit, and traffic is 8 bits a byte",
    arguments: LayerCode.Kind.allCases, CodingProtocol.allCases)
  func roundTrip(_ kind: LayerCode.Kind, _ coding: CodingProtocol) throws {
    for size in Self.sizes {
      for scope in [NormScope.vector, .layer, .bucket(100)] {
        var recipe = PlanRecipe.mixed(code: kind, coding: coding)
        for index in recipe.layers.indices { recipe.layers[index].count = index % 2 == 0 ? size : 3 }
        for (type, quantizer) in recipe.quantizers {
          recipe.quantizers[type] = LevelQuantizer(levels: quantizer.levels, norm: .l2, scope: scope)
        }
        let plan = try recipe.plan()
        var workshop = FrameWorkshop(plan)
        for vector in vectors(count: plan.map.dimension) {
          let made = workshop.frame(of: vector, step: 9, rank: 4)
          let decoded = try workshop.decode(made.bytes, step: 9, rank: 4)
          #expect(patterns(decoded) == patterns(made.decoded), "\(size), \(scope)")
          #expect(made.traffic.total == 8 * (made.bytes.count - made.framing))
        }
      }
    }
  }

  @Test("A header survives the journey, read alone or with its frame")
  func header() throws {
    let plan = try PlanRecipe.mixed(code: .rans, coding: .main).plan()
    var workshop = FrameWorkshop(plan)
    let made = workshop.frame(of: plainVector(count: 400, seed: 1), step: 1 << 40, rank: 65_535)
    let header = try FrameReader.header(of: made.bytes[...])
    #expect(header.step == 1 << 40 && header.rank == 65_535 && header.kind == .local)
    #expect(header.levelEpoch == plan.levelEpoch && header.planDigest == plan.digest)
    #expect(header.squaredNorm == made.decoded.reduce(0) { $0 + Double($1) * Double($1) })
    #expect(try FrameReader(made.bytes[...], plan: plan, step: 1 << 40, rank: nil).header == header)
    // A slice that does not begin at 0 is read alike.
    #expect(try FrameReader.header(of: ([1, 2, 3] + made.bytes)[3...]) == header)
  }

  @Test("A frame of another epoch, plan, step or rank is refused by name, in this order")
  func expectations() throws {
    let recipe = PlanRecipe.mixed(code: .fixedWidth, coding: .main)
    let plan = try recipe.plan()
    var workshop = FrameWorkshop(plan)
    let frame = workshop.frame(of: plainVector(count: 400, seed: 1), step: 7, rank: 1).bytes
    var later = recipe
    later.levelEpoch = 4
    var other = recipe
    other.seed = 12
    let latest = try later.plan()
    let changed = try other.plan()
    #expect(throws: WireFormatError.staleLevels(expected: 4, found: 3)) {
      try FrameReader(frame[...], plan: latest, step: 0, rank: 0)
    }
    #expect(throws: WireFormatError.planMismatch(expected: changed.digest, found: plan.digest)) {
      try FrameReader(frame[...], plan: changed, step: 0, rank: 0)
    }
    #expect(throws: WireFormatError.stepMismatch(expected: 0, found: 7)) {
      try FrameReader(frame[...], plan: plan, step: 0, rank: 0)
    }
    #expect(throws: WireFormatError.rankMismatch(expected: 0, found: 1)) {
      try FrameReader(frame[...], plan: plan, step: 7, rank: 0)
    }
  }

  @Test("Any change of one bit, and any missing byte, is noticed")
  func everyBit() throws {
    let plan = try PlanRecipe.mixed(code: .eliasDelta, coding: .main).plan()
    var workshop = FrameWorkshop(plan)
    let frame = workshop.frame(of: plainVector(count: 400, seed: 1)).bytes
    for bit in 0..<8 * frame.count {
      var changed = frame
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: WireFormatError.self) { try workshop.decode(changed) }
    }
    for count in frame.indices {
      #expect(throws: WireFormatError.self) { try workshop.decode(Array(frame[..<count])) }
    }
  }

  @Test("A writer makes the same bytes however often it was used")
  func reuse() throws {
    let plan = try PlanRecipe.mixed(code: .huffman, coding: .main).plan()
    var used = FrameWorkshop(plan)
    for seed in 0..<4 as Range<UInt64> {
      let vector = plainVector(count: 400, seed: seed)
      var fresh = FrameWorkshop(plan)
      #expect(used.frame(of: vector).bytes == fresh.frame(of: vector).bytes)
    }
  }

  private func vectors(count: Int) -> [[Float]] {
    let plain = plainVector(count: count, seed: UInt64(count))
    var special = plain
    for i in stride(from: 0, to: count, by: 257) { special[i] = .infinity }
    return [
      plain, special, [Float](repeating: 0, count: count), [Float](repeating: -1, count: count),
      plain.indices.map { $0 % 450 < 200 ? 0 : plain[$0] },
    ]
  }
}
