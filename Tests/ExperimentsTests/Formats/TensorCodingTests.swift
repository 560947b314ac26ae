import Experiments
import LaminaNumerics
import Testing

private struct SolverState: Codable, Equatable {
  struct Memory: Codable, Equatable {
    var sums: [Double]
    var floats: [Float]
    var scale: Double
    var last: Float
  }
  enum Phase: Codable, Equatable {
    case first
    case later(step: Int, moments: [Double])
  }
  var point: [Double]
  var memories: [Memory]
  var byType: [String: [Double]]
  var nested: [[Double]]
  var missing: [Double]?
  var present: [Double]?
  var phase: Phase
  var step: Int
  var key: UInt64
  var names: [String]
  var isDone: Bool
  var bytes: [UInt8]
  var counts: [Int]

  static let sample = SolverState(
    point: [1.5, -0.0, .infinity], memories: [.init(sums: [1], floats: [2.5], scale: 0.1, last: 0.1)],
    byType: ["a.b": [1], "$tensor": [2], "$$": [3], "": []], nested: [[1], [], [2, 3]], missing: nil, present: [4],
    phase: .later(step: 3, moments: [9, 8]), step: .min, key: .max, names: ["x", "y"], isDone: true,
    bytes: [0, 255], counts: [1, 2])
}

private class Base: Codable {
  var low: [Double] = [1]
}

private final class Derived: Base {
  var high: [Double] = [2]
  private enum CodingKeys: String, CodingKey { case high }
  override init() { super.init() }
  required init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try super.init(from: container.superDecoder())
    high = try container.decode([Double].self, forKey: .high)
  }
  override func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try super.encode(to: container.superEncoder())
    try container.encode(high, forKey: .high)
  }
}

@Suite("Values as tensors")
struct TensorCodingTests {
  private func returned<Value: Codable>(_ value: Value) throws -> Value {
    try TensorDecoder().decode(Value.self, from: Safetensors(decoding: TensorEncoder().encode(value).encoded()))
  }

  @Test("a structure of everything returns equal")
  func roundTrip() throws { #expect(try returned(SolverState.sample) == SolverState.sample) }

  @Test("arrays of numbers are tensors named by their key path, all else is one metadata entry")
  func layout() throws {
    let file = try TensorEncoder().encode(SolverState.sample)
    #expect(file.metadata.count == 1)
    #expect(file.tensors["point"]?.elements(as: Double.self)?.count == 3)
    #expect(file.tensors["memories.0.floats"]?.elements(as: Float.self) == [2.5])
    #expect(file.tensors["nested.2"]?.elements(as: Double.self) == [2, 3])
    #expect(file.tensors["byType.a.b"]?.elements(as: Double.self) == [1])
    #expect(file.tensors["bytes"]?.type == .unsigned8)
    #expect(file.tensors["counts"] == nil && file.tensors["names"] == nil)
    #expect(try TensorEncoder().encode([1.0, 2.0]).tensors.keys.sorted() == ["value"])
  }

  @Test("every bit of a number survives: NaN with its payload, infinities, the negative zero, subnormals")
  func exactBits() throws {
    let doubles: [Double] = [
      .nan, .init(bitPattern: 0xFFF8_0000_0000_1234), .infinity, -.infinity, -0.0, 0, .leastNonzeroMagnitude,
      .greatestFiniteMagnitude, 0.1, 1e22, 9_007_199_254_740_992, 1e18, 9.223372036854775e18, 1.8446744073709552e19,
    ]
    #expect(try returned(doubles).map(\.bitPattern) == doubles.map(\.bitPattern))
    for double in doubles {
      #expect(try returned(["x": double])["x"]?.bitPattern == double.bitPattern)
      let float = Float(double)
      #expect(try returned(["x": float])["x"]?.bitPattern == float.bitPattern)
    }
    var stream = RandomStream(key: RandomKey(seed: 2))
    for _ in 0..<2_000 {
      let bits = stream.next()
      #expect(try returned(["x": Double(bitPattern: bits)])["x"]?.bitPattern == bits)
    }
  }

  @Test("keys that look alike as paths stay apart")
  func collisions() throws {
    let value = ["a": ["b.c": [1.0]], "a.b": ["c": [2.0]]]
    #expect(try returned(value) == value)
    #expect(try TensorEncoder().encode(value).tensors.count == 2)
  }

  @Test("a class with a superclass returns")
  func inheritance() throws {
    let object = Derived()
    object.low = [5]
    object.high = [6]
    let copy = try returned(object)
    #expect(copy.low == [5] && copy.high == [6])
  }

  @Test("a file of another origin, a missing tensor and a wrong type are errors")
  func refused() throws {
    #expect(throws: SafetensorsError.missingMetadata(key: "lamina.values")) {
      try TensorDecoder().decode([Double].self, from: Safetensors())
    }
    var file = try TensorEncoder().encode(["a": [1.0]])
    #expect(throws: DecodingError.self) { try TensorDecoder().decode([String: [Float]].self, from: file) }
    #expect(throws: DecodingError.self) { try TensorDecoder().decode([String: Int].self, from: file) }
    file.tensors["a"] = nil
    #expect(throws: DecodingError.self) { try TensorDecoder().decode([String: [Double]].self, from: file) }
  }

  @Test("mutated checkpoints give errors or values, never a trap")
  func mutated() throws {
    let original = try TensorEncoder().encode(SolverState.sample).encoded()
    var stream = RandomStream(key: RandomKey(seed: 4))
    var refused = 0
    for _ in 0..<10_000 {
      var bytes = original
      for _ in 0..<1 + stream.next() % 3 {
        bytes[Int(stream.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: stream.next())
      }
      do {
        _ = try TensorDecoder().decode(SolverState.self, from: Safetensors(decoding: bytes))
      } catch { refused += 1 }
    }
    #expect(refused > 5_000)
  }

  @Test("a checkpoint returns from disk, and a damaged one is named")
  func checkpoint() throws {
    let folder = try RunTestFolder()
    let path = folder.file("checkpoint.safetensors")
    #expect(throws: RunFileError.self) { try CheckpointFile.read(SolverState.self, from: path) }
    try CheckpointFile.write(SolverState.sample, to: path)
    #expect(try CheckpointFile.read(SolverState.self, from: path) == SolverState.sample)
    try folder.write("short", to: "checkpoint.safetensors")
    #expect(
      throws: RunFileError.malformed(
        path: path, line: nil,
        reason: "not a checkpoint: truncated: the header needs 8 bytes after the first 8, found 0")
    ) { try CheckpointFile.read(SolverState.self, from: path) }
  }
}
