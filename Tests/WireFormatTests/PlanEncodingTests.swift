import EntropyCoding
import Quantization
import Testing
import WireFormat

@Suite struct PlanEncodingTests {
  @Test("A plan decodes to itself, with its digest")
  func roundTrip() throws {
    for golden in try GoldenCase.all() {
      let bytes = golden.plan.encoded()
      let decoded = try QuantizationPlan(decoding: bytes[...])
      #expect(decoded == golden.plan && decoded.encoded() == bytes, "\(golden.name)")
      #expect(decoded.digest == golden.plan.digest)
      // A slice that does not begin at 0 is read alike.
      #expect(try QuantizationPlan(decoding: ([9, 9] + bytes)[2...]) == decoded)
    }
  }

  @Test("The digest is FNV-1a over the bytes of the plan and covers everything in it")
  func digest() throws {
    let recipe = PlanRecipe.mixed(code: .huffman, coding: .main)
    let plan = try recipe.plan()
    var hash: UInt64 = 14_695_981_039_346_656_037
    for byte in plan.encoded() { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
    #expect(plan.digest == hash)
    var others: [PlanRecipe] = Array(repeating: recipe, count: 7)
    others[0].seed += 1
    others[1].levelEpoch += 1
    others[2].code = .rans
    others[3].coding = .alternating
    others[4].weight = { 1 / Double($0 + 2) }
    others[5].layers[0].name += "x"
    others[6].quantizers[.linear] = nil
    var digests: Set<UInt64> = [plan.digest]
    for other in others { #expect(digests.insert(try other.plan().digest).inserted) }
  }

  @Test("Every prefix of a plan is refused")
  func prefixes() throws {
    let bytes = try PlanRecipe.mixed(code: .huffman, coding: .alternating).plan().encoded()
    for count in bytes.indices {
      #expect(throws: WireFormatError.self) { try QuantizationPlan(decoding: bytes[..<count]) }
    }
  }

  @Test("A plan needs exactly the types of its map")
  func types() throws {
    let map = try LayerMap([Layer(name: "a", type: .linear, range: 0..<3), Layer(name: "b", type: .bias, range: 3..<4)])
    #expect(throws: PlanError.typesDiffer(missing: [.linear], unknown: [.embedding])) {
      try QuantizationPlan(map: map, plans: [.bias: .exact, .embedding: .exact], seed: 0)
    }
  }

  @Test("A table must have the size of the alphabet it codes")
  func codeSize() throws {
    var recipe = PlanRecipe.mixed(code: .fixedWidth, coding: .main)
    let map = try recipe.plan().map
    let four = SymbolDistribution(probabilities: [1, 1, 1, 1])
    let ternary = LevelQuantizer(levels: .ternary)
    #expect(throws: PlanError.codeSize(.linear, expected: 2, found: 4)) {
      try QuantizationPlan(
        map: map,
        plans: [.convolution: .exact, .bias: .exact, .embedding: .exact, .linear: .levels(ternary, .huffman(four))],
        seed: 0)
    }
    let plans: [LayerType: LayerPlan] = [
      .convolution: .levels(ternary, .rans(four)), .bias: .exact, .embedding: .exact,
      .linear: .levels(ternary, .rans(four)),
    ]
    let union = try QuantizationPlan(map: map, plans: plans, coding: .alternating, seed: 0)
    #expect(union.symbolBases == [.convolution: 0, .linear: 2])
    #expect(throws: PlanError.alternatingNeedsOneCode(.linear)) {
      try QuantizationPlan(
        map: map, plans: plans.merging([.linear: .levels(ternary, .huffman(four))]) { $1 }, coding: .alternating,
        seed: 0)
    }
    recipe.quantizers[.convolution] = LevelQuantizer(levels: .ternary, norm: .l2, scope: .vector)
    recipe.quantizers[.linear] = LevelQuantizer(levels: .ternary, norm: .max, scope: .vector)
    #expect(throws: PlanError.vectorNormsDiffer(.linear)) { try recipe.plan() }
  }

  @Test("Unions of more than 4096 symbols and more than 4096 types are refused, from code and from bytes")
  func limits() throws {
    func recipe(types: Int) -> PlanRecipe {
      let quantizer = LevelQuantizer(levels: PlanRecipe.signed256)
      let names = (0..<types).map { LayerType(rawValue: "t\($0)") }
      return PlanRecipe(
        layers: names.map { ($0.rawValue, $0, 1) },
        quantizers: Dictionary(uniqueKeysWithValues: names.map { ($0, quantizer) }), code: .eliasGamma,
        coding: .alternating)
    }
    let largest = try recipe(types: 16).plan()
    #expect(PreparedPlan(largest).codeLengths(of: LayerType(rawValue: "t9")).last == 25)
    #expect(throws: PlanError.alphabetTooLarge(17 * 256)) { try recipe(types: 17).plan() }
    var main = recipe(types: 17)
    main.coding = .main
    var bytes = try main.plan().encoded()
    bytes[5] = 1
    #expect(throws: WireFormatError.self) { try QuantizationPlan(decoding: bytes[...]) }
    var many = PlanRecipe(layers: [], quantizers: [:])
    many.layers = (0...4096).map { ("l\($0)", LayerType(rawValue: "t\($0)"), 1) }
    #expect(throws: PlanError.tooManyTypes(4097)) { try many.plan() }
    many.layers.removeLast()
    let full = try many.plan()
    #expect(try QuantizationPlan(decoding: full.encoded()[...]) == full)
  }

  @Test("Adopting new levels counts an epoch and changes the digest; what does not fit changes nothing")
  func adoption() throws {
    var plan = try PlanRecipe.mixed(code: .fixedWidth, coding: .main).plan()
    let before = plan
    let quantizer = LevelQuantizer(levels: .uniform(intervals: 5), norm: .max, scope: .bucket(64))
    try plan.adopt([.convolution: .levels(quantizer, .eliasGamma)])
    #expect(plan.levelEpoch == before.levelEpoch + 1 && plan.digest != before.digest)
    #expect(plan.plans[.convolution]?.quantizer == quantizer && plan.plans[.linear] == before.plans[.linear])
    let adopted = plan
    #expect(throws: PlanError.self) { try plan.adopt([LayerType(rawValue: "unknown"): .exact]) }
    #expect(plan == adopted)
  }
}
