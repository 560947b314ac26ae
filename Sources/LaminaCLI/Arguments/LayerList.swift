import ArgumentParser
import Quantization

/// The layers of a vector as they are written on the command line: `NAME:COUNT,…` or `NAME:COUNT:TYPE,…`.
///
/// Without a type, the rules of ``LayerRules/standard`` give one by the name.
struct LayerList: Hashable {
  private struct Entry: Hashable {
    let name: String
    let count: Int
    let type: LayerType?
  }

  private let entries: [Entry]

  /// Reads `text`.
  ///
  /// - Throws: A `ValidationError` that says what is wrong with it.
  init(parsing text: String) throws(ValidationError) {
    var entries: [Entry] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let fields = part.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard (2...3).contains(fields.count), !fields[0].isEmpty, fields.last?.isEmpty == false else {
        throw ValidationError("'\(part)' is not NAME:COUNT or NAME:COUNT:TYPE")
      }
      guard let count = Int(fields[1]), (0...LayerList.largestCount).contains(count) else {
        throw ValidationError("'\(fields[1])' is not a number of coordinates")
      }
      entries.append(
        Entry(name: fields[0], count: count, type: fields.count == 3 ? LayerType(rawValue: fields[2]) : nil))
    }
    self.entries = entries
  }

  /// Reads a file that holds what is written on the command line, with or without an end of line.
  ///
  /// - Throws: A `CommandFailure` that names the file.
  init(file path: String) throws {
    let bytes = try InputFile.read(path, largestSize: 1 << 24)
    let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).joined()
    do { try self.init(parsing: text) } catch { throw CommandFailure("\(path): \(error)") }
  }

  private static let largestCount = 1 << 40

  /// The map of a vector with `dimension` coordinates.
  ///
  /// - Throws: A `CommandFailure` if a layer is empty or has no type, or the counts have another sum.
  func map(dimension: Int) throws -> LayerMap {
    let sum = entries.reduce(0) { $0 + $1.count }
    guard sum == dimension else {
      throw CommandFailure("the layers hold \(sum) coordinates, but there are \(dimension)")
    }
    let rules = LayerRules.standard
    let unmapped = entries.filter { $0.type == nil && rules.type(of: $0.name) == nil }.map(\.name)
    guard unmapped.isEmpty else {
      throw CommandFailure(
        "no layer rule knows \(unmapped.map { "'\($0)'" }.joined(separator: ", ")); write NAME:COUNT:TYPE for each")
    }
    var layers: [Layer] = []
    var start = 0
    for entry in entries {
      let type = entry.type ?? rules.type(of: entry.name) ?? .linear
      layers.append(Layer(name: entry.name, type: type, range: start..<start + entry.count))
      start += entry.count
    }
    do { return try LayerMap(layers) } catch { throw CommandFailure(error.description) }
  }
}

extension LayerMap {
  /// One layer for all coordinates.
  static func single(dimension: Int) throws(LayerMapError) -> LayerMap {
    try LayerMap([Layer(name: "values", type: LayerType(rawValue: "values"), range: 0..<dimension)])
  }
}
