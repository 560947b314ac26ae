import Foundation
import GradientExchange
import Testing
import WireFormat

/// The sums among the golden frames, which another module's tests make, through the codec of the exchange.
@Suite struct GoldenSumTests {
  private struct Manifest: Decodable {
    struct Entry: Decodable {
      let name: String
      let kind: UInt8
      let step: UInt64
      let rank: Int
      let workers: Int?
    }
    let valid: [Entry]
  }

  private static let golden = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "WireFormatTests/Golden")

  @Test("the exchange reads every golden sum to the bits that are kept beside it")
  func read() throws {
    let manifest = try JSONDecoder().decode(
      Manifest.self, from: Data(contentsOf: Self.golden.appending(path: "manifest.json")))
    let sums = manifest.valid.filter { $0.kind == FrameHeader.Kind.sum.rawValue }
    #expect(sums.count > 20)
    for entry in sums {
      func bytes(_ kind: String) throws -> [UInt8] {
        Array(try Data(contentsOf: Self.golden.appending(path: "valid/\(entry.name).\(kind)")))
      }
      let plan = try QuantizationPlan(decoding: bytes("plan")[...])
      var codec = ExchangeCodec(plan: plan, rank: 0)
      var mean = [Float](repeating: 0, count: plan.map.dimension)
      let (frame, workers) = (try bytes("frame"), try #require(entry.workers))
      let header = try mean.withUnsafeMutableBufferPointer { mean in
        try codec.read(mean: frame, step: entry.step, owner: entry.rank, workers: workers, into: mean)
      }
      #expect(header.kind == .sum)
      let expected = try bytes("f32")
      let found = mean.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
      #expect(found == expected, "\(entry.name)")
    }
  }
}
