import EntropyCoding
import Quantization
import Testing
import WireFormat

@Suite struct DitherModelTests {
  @Test("The laws of the family are the 512 tables whose checksum the document gives")
  func family() throws {
    var bytes: [UInt8] = []
    for shape in 0..<DitherFamily.shapeCount {
      for scale in 0..<DitherFamily.scaleCount {
        let frequencies = DitherFamily.frequencies(shape: shape, scale: scale)
        let distribution = try SymbolDistribution(frequencies: frequencies)
        #expect(distribution.symbolCount == DitheredBlock.numberCount)
        // Symmetric, falling towards the ends; the middle takes what rounding leaves over.
        #expect(frequencies[17...] == .init(frequencies[1...15].reversed()))
        #expect(zip(frequencies[17...], frequencies[18...]).allSatisfy { $0 >= $1 }, "\(shape), \(scale)")
        for frequency in frequencies { bytes += [UInt8(frequency & 0xFF), UInt8(frequency >> 8)] }
      }
    }
    #expect(bytes.count == 32_768 && CRC32C.checksum(bytes[...]) == 0x0C3E_3861)
  }

  @Test("The golden frames have every kind of model", arguments: GoldenModel.all)
  func models(_ expected: GoldenModel) throws {
    let golden = try #require(try GoldenCase.all().first { $0.name == "dither-\(expected.name)" })
    let hasScale = golden.plan.hasVectorScale || golden.plan.plans[.linear]?.ditheredQuantizer?.scope == .layer
    let parts = DitheredParts(
      SpoiledFrame(try golden.made().bytes), hasScale: hasScale, bucketCount: expected.bucketCount)
    #expect(parts.rawBits == expected.rawBits)
    #expect((parts.law == nil) == expected.hasTable)
  }

  struct GoldenModel: CustomTestStringConvertible, Sendable {
    let name: String
    let rawBits: Int
    let hasTable: Bool
    var bucketCount: Int?

    var testDescription: String { name }

    static let all = [
      GoldenModel(name: "agreed", rawBits: 0, hasTable: false), GoldenModel(name: "layer", rawBits: 0, hasTable: false),
      GoldenModel(name: "bucket", rawBits: 0, hasTable: false, bucketCount: 8),
      GoldenModel(name: "raw-1", rawBits: 1, hasTable: false), GoldenModel(name: "raw-3", rawBits: 3, hasTable: false),
      GoldenModel(name: "raw-8", rawBits: 8, hasTable: false), GoldenModel(name: "table", rawBits: 0, hasTable: true),
      GoldenModel(name: "table-raw", rawBits: 2, hasTable: true),
      GoldenModel(name: "escapes-raw", rawBits: 2, hasTable: false),
    ]
  }
}
