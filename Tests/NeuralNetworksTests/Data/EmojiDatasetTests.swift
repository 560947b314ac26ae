import Foundation
import LaminaNumerics
import NeuralNetworks
import Testing

@Suite("Emoji data set", .enabled(if: PNGImage.isAvailable))
struct EmojiDatasetTests {
  /// An image of one colour.
  private func picture(_ colour: [UInt8], width: Int = 136, height: Int = 128) throws -> [UInt8] {
    let pixels = (0..<width * height).flatMap { _ in colour }
    return try PNGImage(width: width, height: height, channels: .rgba, pixels: pixels).encoded()
  }

  @Test("a font's images are found, made distinct, composed, scaled and written as CIFAR-10 batches")
  func write() throws {
    let folder = try DataFolder()
    let red = try picture([255, 0, 0, 255])
    let clear = try picture([9, 9, 9, 0])
    let corrupt = [UInt8](red.prefix(16)) + [0, 0, 0, 0] + red.dropFirst(20)
    let font = try folder.write(
      [1, 2, 0x89, 0x50] + red + [7] + clear + red + corrupt + Array(red.prefix(60)), to: "font.ttf")
    let counts = try EmojiDataset(font: font).write(to: folder.file("emoji"))
    #expect(counts.embedded == 4 && counts.distinct == 3 && counts.unreadable == 1 && counts.written == 2)

    let images = try ImageDataset(folder: folder.file("emoji"))
    #expect(images.name == EmojiDataset.name)
    #expect(images.labels == [0, 0])
    let white = [UInt8](repeating: 255, count: 3072)
    let scaled = try #require((0..<2).map { Array(images.image(at: $0)) }.first { $0 != white })
    #expect((0..<2).contains { Array(images.image(at: $0)) == white })
    // 128 of 136 rows lie on 32: 4 rows of white above, 4 below, so the first row of 4.25 has 4 of white.
    #expect(scaled[..<1024].allSatisfy { $0 == 255 })
    #expect(scaled[1024] == 240 && scaled[1024 + 32] == 0 && scaled[1024 + 31 * 32] == 240)
    #expect(try folder.names == ["emoji", "font.ttf"])
    let notice = String(
      decoding: try Data(contentsOf: URL(fileURLWithPath: folder.file("emoji/NOTICE"))), as: UTF8.self)
    #expect(notice.contains("OFL-1.1") && notice.contains("not CIFAR-10"))
  }

  @Test("the shuffle depends on the key alone")
  func shuffle() throws {
    let folder = try DataFolder()
    let pictures = try (0..<20).flatMap { try picture([UInt8(10 * $0), 0, 0, 255], width: 4, height: 4) }
    let font = try folder.write(pictures, to: "font.ttf")
    let first = try EmojiDataset(font: font).images().dataset
    #expect(try EmojiDataset(font: font).images().dataset == first)
    let other = try EmojiDataset(font: font, key: RandomKey(seed: 1)).images().dataset
    #expect(other != first)
    #expect(other.pixels.sorted() == first.pixels.sorted())
  }

  @Test("bad fonts and destinations leave nothing behind")
  func refused() throws {
    let folder = try DataFolder()
    let absent = folder.file("absent.ttf")
    let target = folder.file("emoji")
    #expect(throws: DataError.missingFont(path: absent, package: "fonts-noto-color-emoji")) {
      try EmojiDataset(font: absent).write(to: target)
    }
    let text = try folder.write(Array("no images".utf8), to: "text.ttf")
    #expect(throws: DataError.noImages(path: text, embedded: 0)) { try EmojiDataset(font: text).write(to: target) }
    let font = try folder.write(try picture([1, 2, 3, 255]), to: "font.ttf")
    #expect(throws: DataError.destinationExists(path: folder.path)) {
      try EmojiDataset(font: font).write(to: folder.path)
    }
    #expect(throws: DataError.self) { try EmojiDataset(font: font).write(to: font + "/below-a-file") }
    #expect(try folder.names == ["font.ttf", "text.ttf"])
  }

  @Test(
    "Noto Color Emoji gives 3,916 distinct images",
    .enabled(if: FileManager.default.fileExists(atPath: EmojiDataset.defaultFont)))
  func noto() throws {
    let counts = try EmojiDataset().images().counts
    #expect(counts.distinct == 3_916 && counts.written == 3_916)
  }
}
