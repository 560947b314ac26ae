import LaminaNumerics
import NeuralNetworks
import Testing

/// Two by two RGBA pixels, written by another program: red, half-transparent green, clear blue, (10, 20, 30).
let foreignPNG: [UInt8] = [
  0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
  0x02, 0x00, 0x00, 0x00, 0x02, 0x08, 0x06, 0x00, 0x00, 0x00, 0x72, 0xB6, 0x0D, 0x24, 0x00, 0x00, 0x00, 0x16, 0x49,
  0x44, 0x41, 0x54, 0x78, 0xDA, 0x63, 0xF8, 0xCF, 0xC0, 0xF0, 0x1F, 0x08, 0x1B, 0x18, 0x40, 0x34, 0x97, 0x88, 0xDC,
  0x7F, 0x00, 0x37, 0x80, 0x05, 0xB8, 0x88, 0x71, 0xA6, 0x15, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE,
  0x42, 0x60, 0x82,
]

@Suite("PNG images")
struct PNGImageTests {
  @Test("a PNG file of another writer decodes to its pixels", .enabled(if: PNGImage.isAvailable))
  func golden() throws {
    let image = try PNGImage(decoding: foreignPNG, channels: .rgba)
    #expect(image.width == 2 && image.height == 2)
    #expect(image.pixels == [255, 0, 0, 255, 0, 255, 0, 128, 0, 0, 255, 0, 10, 20, 30, 255])
  }

  @Test("without alpha a transparent image is composed on white", .enabled(if: PNGImage.isAvailable))
  func composed() throws {
    let image = try PNGImage(decoding: foreignPNG, channels: .rgb)
    #expect(Array(image.pixels[0..<3]) == [255, 0, 0])
    #expect(Array(image.pixels[6..<9]) == [255, 255, 255])
    #expect(Array(image.pixels[9..<12]) == [10, 20, 30])
  }

  @Test(
    "writing and reading returns the pixels", .enabled(if: PNGImage.isAvailable),
    arguments: [PNGImage.Channels.grey, .rgb, .rgba])
  func roundTrip(channels: PNGImage.Channels) throws {
    var stream = RandomStream(key: RandomKey(seed: 3))
    let pixels = (0..<17 * 9 * channels.rawValue).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
    let image = PNGImage(width: 17, height: 9, channels: channels, pixels: pixels)
    #expect(try PNGImage(decoding: image.encoded(), channels: channels) == image)
  }

  @Test("an image larger than allowed is refused by its header", .enabled(if: PNGImage.isAvailable))
  func bounded() {
    #expect(throws: PNGError.tooLarge(width: 2, height: 2, limit: 3)) {
      try PNGImage(decoding: foreignPNG, channels: .rgba, maximumPixels: 3)
    }
  }

  @Test("mutated and truncated files give errors or images, never a trap", .enabled(if: PNGImage.isAvailable))
  func mutated() {
    var stream = RandomStream(key: RandomKey(seed: 5))
    var refused = 0
    for _ in 0..<20_000 {
      var bytes = foreignPNG
      if stream.next() % 4 == 0 { bytes.removeLast(Int(stream.next() % UInt64(bytes.count))) }
      for _ in 0..<1 + stream.next() % 3 where !bytes.isEmpty {
        bytes[Int(stream.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: stream.next())
      }
      do throws(PNGError) {
        _ = try PNGImage(decoding: bytes, channels: .rgba, maximumPixels: 1 << 16)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 10_000)
  }

  @Test("without libpng every call says so", .enabled(if: !PNGImage.isAvailable))
  func unavailable() {
    let image = PNGImage(width: 1, height: 1, channels: .grey, pixels: [0])
    #expect(throws: PNGError.unavailable) { try image.encoded() }
    #expect(throws: PNGError.unavailable) { try PNGImage(decoding: foreignPNG, channels: .rgba) }
  }
}
