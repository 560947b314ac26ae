/// A named range of coordinates of the dual vector, with its type.
public struct Layer: Hashable, Sendable {
  /// The parameter's name, such as `critic.conv1.weight`.
  public let name: String
  /// The layer type, which chooses levels and code.
  public let type: LayerType
  /// The coordinates.
  public let range: Range<Int>

  /// A layer over `range`.
  public init(name: String, type: LayerType, range: Range<Int>) {
    self.name = name
    self.type = type
    self.range = range
  }
}

/// A partition of the coordinates 0..<dimension into named, typed layers.
///
/// The map m(·) of arXiv 2505.14371, section 3. Gaps, overlaps and empty layers do not construct.
public struct LayerMap: Hashable, Sendable {
  /// The layers, in the order of their coordinates.
  public let layers: [Layer]

  /// Checks and adopts `layers`.
  ///
  /// - Throws: ``LayerMapError`` when there is no layer, or a layer is empty, does not start where the one before it
  ///   ended, repeats a name, or has a type or name of no bytes or of more than 255.
  public init(_ layers: [Layer]) throws(LayerMapError) {
    guard !layers.isEmpty else { throw .noLayers }
    var end = 0
    var names: Set<String> = []
    for layer in layers {
      guard !layer.range.isEmpty else { throw .emptyLayer(layer.name) }
      guard layer.range.lowerBound == end else {
        throw .gapOrOverlap(layer.name, expectedStart: end, foundStart: layer.range.lowerBound)
      }
      guard (1...255).contains(layer.name.utf8.count), (1...255).contains(layer.type.rawValue.utf8.count) else {
        throw .nameLength(layer.name)
      }
      guard names.insert(layer.name).inserted else { throw .repeatedName(layer.name) }
      end = layer.range.upperBound
    }
    self.layers = layers
  }

  /// Lays parameters one after the other and types them by `rules`.
  ///
  /// - Parameters:
  ///   - parameters: Names and numbers of coordinates, in order.
  ///   - rules: The rules that give a name its type.
  /// - Throws: ``LayerMapError/unmapped(_:)`` with every name that no rule knows, or another ``LayerMapError``.
  public init(parameters: [(name: String, count: Int)], rules: LayerRules = .standard) throws(LayerMapError) {
    let unmapped = parameters.map(\.name).filter { rules.type(of: $0) == nil }
    guard unmapped.isEmpty else { throw .unmapped(unmapped) }
    var layers: [Layer] = []
    var start = 0
    for parameter in parameters {
      guard parameter.count > 0, let type = rules.type(of: parameter.name) else { throw .emptyLayer(parameter.name) }
      layers.append(Layer(name: parameter.name, type: type, range: start..<start + parameter.count))
      start += parameter.count
    }
    try self.init(layers)
  }

  /// d, the number of coordinates.
  public var dimension: Int { layers.last?.range.upperBound ?? 0 }

  /// The types in use, sorted by name.
  public var types: [LayerType] { Set(layers.map(\.type)).sorted() }

  /// d_m, the number of coordinates of each type.
  public var counts: [LayerType: Int] {
    layers.reduce(into: [:]) { $0[$1.type, default: 0] += $1.range.count }
  }
}

/// Why layers do not make a map.
public enum LayerMapError: Error, Hashable, Sendable {
  case noLayers
  case emptyLayer(String)
  case gapOrOverlap(String, expectedStart: Int, foundStart: Int)
  case nameLength(String)
  case repeatedName(String)
  /// No rule gives these parameters a type.
  case unmapped([String])
}

extension LayerMapError: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    switch self {
    case .noLayers: "A layer map needs at least one layer."
    case .emptyLayer(let name): "Layer '\(name)' has no coordinates."
    case .gapOrOverlap(let name, let expected, let found):
      "Layer '\(name)' starts at coordinate \(found), but the one before it ends at \(expected)."
    case .nameLength(let name): "The name and type of layer '\(name)' need 1 to 255 bytes each."
    case .repeatedName(let name): "Two layers are named '\(name)'."
    case .unmapped(let names):
      "No layer rule matches \(names.count == 1 ? "parameter" : "parameters") "
        + names.map { "'\($0)'" }.joined(separator: ", ") + "; add a rule for each."
    }
  }
}
