import Quantization
import Testing

@Suite struct LayerMapTests {
  private func layer(_ name: String, _ range: Range<Int>, _ type: LayerType = .linear) -> Layer {
    Layer(name: name, type: type, range: range)
  }

  @Test("Layers partition the coordinates")
  func partition() throws {
    let map = try LayerMap([layer("a", 0..<3, .bias), layer("b", 3..<10), layer("c", 10..<11)])
    #expect(map.dimension == 11)
    #expect(map.types == [.bias, .linear])
    #expect(map.counts == [.bias: 3, .linear: 8])
  }

  @Test("Gaps, overlaps, empty layers, repeated and unusable names do not make a map")
  func refusals() {
    #expect(throws: LayerMapError.noLayers) { try LayerMap([]) }
    #expect(throws: LayerMapError.emptyLayer("b")) { try LayerMap([layer("a", 0..<3), layer("b", 3..<3)]) }
    #expect(throws: LayerMapError.gapOrOverlap("b", expectedStart: 3, foundStart: 4)) {
      try LayerMap([layer("a", 0..<3), layer("b", 4..<5)])
    }
    #expect(throws: LayerMapError.gapOrOverlap("b", expectedStart: 3, foundStart: 2)) {
      try LayerMap([layer("a", 0..<3), layer("b", 2..<5)])
    }
    #expect(throws: LayerMapError.gapOrOverlap("a", expectedStart: 0, foundStart: 1)) {
      try LayerMap([layer("a", 1..<2)])
    }
    #expect(throws: LayerMapError.repeatedName("a")) { try LayerMap([layer("a", 0..<3), layer("a", 3..<5)]) }
    #expect(throws: LayerMapError.nameLength("")) { try LayerMap([layer("", 0..<3)]) }
    let long = String(repeating: "n", count: 256)
    #expect(throws: LayerMapError.nameLength(long)) { try LayerMap([layer(long, 0..<3)]) }
    #expect(throws: LayerMapError.nameLength("a")) { try LayerMap([layer("a", 0..<3, LayerType(rawValue: ""))]) }
  }

  @Test("Parameters without a rule are an error that lists them all")
  func unmapped() throws {
    let parameters = [("conv1.weight", 8), ("mystery", 2), ("conv1.bias", 2), ("enigma.weight", 3)]
    let error = #expect(throws: LayerMapError.unmapped(["mystery", "enigma.weight"])) {
      try LayerMap(parameters: parameters)
    }
    #expect(error?.description.contains("'mystery', 'enigma.weight'") == true)
    let rules = LayerRules([.init("MYST*", .embedding), .init("*", .linear)])
    let map = try LayerMap(parameters: parameters, rules: rules + .standard)
    #expect(map.layers.map(\.type) == [.linear, .embedding, .linear, .linear])
    #expect(map.layers.map(\.range) == [0..<8, 8..<10, 10..<12, 12..<15])
    #expect(throws: LayerMapError.emptyLayer("x.bias")) { try LayerMap(parameters: [("x.bias", 0)]) }
  }

  @Test("Standard rules know the usual names")
  func standardRules() {
    let expected: [(LayerType, [String])] = [
      (.bias, ["critic.conv1.bias", "fc.bias", "lstm.bias_ih_l0", "norm.bias"]),
      (.normalisation, ["layers.3.norm1.weight", "bn1.weight", "block.bn2.weight", "ln_f.weight", "h.0.ln_1.weight"]),
      (.embedding, ["embedding.weight", "transformer.wte.weight", "word_embeddings", "wpe.weight"]),
      (.attention, ["h.0.attn.c_attn.weight", "layers.0.self_attn.q_proj.weight", "attention.output.dense.weight"]),
      (.recurrent, ["lstm.weight_hh_l0", "encoder.gru.weight_ih_l0"]),
      (.transposedConvolution, ["generator.deconv1.weight", "up.ConvTranspose2d.weight", "g.convt3.weight"]),
      (.convolution, ["critic.conv1.weight", "layer1.0.downsample.0.weight", "block.shortcut.weight"]),
      (.linear, ["fc.weight", "classifier.6.weight", "mlp.c_proj.weight", "head.weight", "net.linear2.weight"]),
    ]
    for (type, names) in expected {
      for name in names { #expect(LayerRules.standard.type(of: name) == type, "\(name)") }
    }
    #expect(LayerRules.standard.type(of: "scale") == nil)
    #expect(LayerType.bias.isExactByDefault && LayerType.normalisation.scoped(to: "critic").isExactByDefault)
    #expect(!LayerType.linear.isExactByDefault && !LayerType.embedding.scoped(to: "bias").isExactByDefault)
  }

  @Test("A star stands for any characters, none included, and the first rule decides")
  func patterns() {
    let a = LayerType(rawValue: "a")
    for (pattern, name, matches) in [
      ("*", "", true), ("", "", true), ("", "x", false), ("a*b*c", "aXXbYYc", true), ("a*b*c", "abc", true),
      ("a*b*c", "acb", false), ("*ab", "aab", true), ("*aab", "aaab", true), ("ab*", "ab", true), ("ab", "abc", false),
      ("**x", "x", true), ("*a*a*a*a*b", String(repeating: "a", count: 200), false),
    ] { #expect((LayerRules([.init(pattern, a)]).type(of: name) == a) == matches, "\(pattern) \(name)") }
    let b = LayerType(rawValue: "b")
    #expect((LayerRules([.init("x*", a)]) + LayerRules([.init("*", b)])).type(of: "XY") == a)
  }
}
