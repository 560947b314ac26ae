import Experiments
import LaminaNumerics
import Testing

@Suite("Safetensors")
struct SafetensorsTests {
  private func file(_ header: String, _ body: [UInt8] = []) -> [UInt8] {
    let length = UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) } + Array(header.utf8) + body
  }

  @Test("a file written by hand is read")
  func knownBytes() throws {
    let bytes = file(
      #"{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2,1],"data_offsets":[2,10]},"#
        + #""a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}  "#,
      [7, 8, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
    let read = try Safetensors(decoding: bytes)
    #expect(read.metadata == ["format": "pt"])
    #expect(read.tensors["a"]?.elements(as: UInt8.self) == [7, 8])
    #expect(read.tensors["b"]?.elements(as: Float.self) == [1, -2])
    #expect(read.tensors["b"]?.shape == [2, 1])
    #expect(read.tensors["b"]?.elements(as: Double.self) == nil)
  }

  @Test("written files have known bytes: aligned, widest elements first")
  func written() {
    let bytes = Safetensors(
      tensors: ["a": .init([UInt8(5)]), "z": .init([1.0]), "m": .init([Float(1)])], metadata: ["k": "v"]
    ).encoded()
    let header =
      #"{"__metadata__":{"k":"v"},"a":{"data_offsets":[12,13],"dtype":"U8","shape":[1]},"#
      + #""m":{"data_offsets":[8,12],"dtype":"F32","shape":[1]},"z":{"data_offsets":[0,8],"dtype":"F64","shape":[1]}}"#
    let padding = String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    #expect(bytes == file(header + padding, [0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0x80, 0x3F, 5]))
  }

  @Test("all element types, empty arrays and the empty file return")
  func roundTrip() throws {
    let original = Safetensors(
      tensors: [
        "d": .init([1.5, .nan, -.infinity], shape: [3, 1]), "f": .init([Float](), shape: [0, 4]),
        "i": .init([Int64.min, .max]), "scalar": .init([2.0], shape: []), "u": .init([UInt8(0), 255]),
      ], metadata: ["käse": "\"\n\u{1F600}"])
    #expect(try Safetensors(decoding: original.encoded()) == original)
    #expect(try Safetensors(decoding: Safetensors().encoded()) == Safetensors())
  }

  @Test("malformed files are refused by name")
  func malformed() {
    func failure(_ bytes: [UInt8]) -> SafetensorsError? {
      do throws(SafetensorsError) {
        _ = try Safetensors(decoding: bytes)
        return nil
      } catch { return error }
    }
    func entry(_ type: String, _ shape: String, _ offsets: String) -> String {
      #"{"t":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}}"#
    }
    #expect(failure([1, 2]) == .truncatedHeader(expected: 8, found: 0))
    #expect(failure([9, 0, 0, 0, 0, 0, 0, 0, 0x7B]) == .truncatedHeader(expected: 9, found: 1))
    #expect(
      failure([UInt8](repeating: 0xFF, count: 9)) == .headerTooLong(length: .max, limit: 100_000_000))
    #expect(failure(file("[]")) == .malformedHeader(reason: "it does not begin with {"))
    #expect(failure(file("{]")) == .malformedHeader(reason: "not valid JSON"))
    #expect(failure(file(entry("BF16", "[1]", "[0,2]"), [0, 0])) == .unsupportedType(tensor: "t", type: "BF16"))
    #expect(failure(file(entry("U8", "[1]", "[0,1]"), [0, 0])) == .wrongLength(expected: 1, found: 2))
    let inconsistent = [
      entry("U8", "[2]", "[0,1]"), entry("U8", "[1]", "[1,2]"), entry("U8", "[9]", "[0,9]"),
      entry("U8", "[-1]", "[0,-1]"), entry("U8", "[1]", "[0]"), entry("U8", "[1]", "[1,0]"),
      entry("F64", "[4611686018427387904,4611686018427387904]", "[0,0]"),
    ]
    for header in inconsistent {
      guard case .inconsistentTensor(tensor: "t", _) = failure(file(header, [0, 0])) else {
        Issue.record("accepted or refused for another reason: \(header)")
        continue
      }
    }
  }

  @Test("mutated files give errors or files, never a trap")
  func mutated() {
    let original = Safetensors(
      tensors: ["a.b": .init([1.0, 2, 3]), "c": .init([Float(1)]), "d": .init([UInt8(3)])], metadata: ["k": "v"]
    ).encoded()
    var stream = RandomStream(key: RandomKey(seed: 11))
    var refused = 0
    for _ in 0..<30_000 {
      var bytes = original
      if stream.next() % 4 == 0 { bytes.removeLast(Int(stream.next() % UInt64(bytes.count))) }
      for _ in 0..<1 + stream.next() % 4 where !bytes.isEmpty {
        bytes[Int(stream.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: stream.next())
      }
      do throws(SafetensorsError) { _ = try Safetensors(decoding: bytes) } catch { refused += 1 }
    }
    #expect(refused > 15_000 && refused < 30_000)
  }
}
