import LaminaNumerics

/// Real colour images of 32 by 32 pixels, made from the emoji font that Linux distributions package.
///
/// CIFAR ships in no package, and this does: the font Noto Color Emoji embeds some 3,900 distinct pictures. They are
/// composed on white, scaled by area averaging, shuffled and written in the binary layout of CIFAR-10 with label 0, with
/// a notice of what they are.
public struct EmojiDataset: Sendable {
  /// Where the package fonts-noto-color-emoji of Debian and Ubuntu puts the font.
  public static let defaultFont = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
  /// The package of ``defaultFont``.
  public static let fontPackage = "fonts-noto-color-emoji"
  /// The name of the data set, and the first line of its notice.
  public static let name = "Noto emoji 32x32"
  /// Images per file, as in CIFAR-10.
  static let imagesPerFile = 10_000

  /// What a preparation found and wrote.
  public struct Counts: Hashable, Sendable, Codable {
    /// PNG images in the font.
    public let embedded: Int
    /// Those with different bytes.
    public let distinct: Int
    /// Distinct images that could not be decoded and were left out.
    public let unreadable: Int
    /// Images written.
    public let written: Int
    /// Files of images written.
    public let files: Int
  }

  /// The font to read.
  public let font: String
  /// Names the shuffle.
  public let key: RandomKey

  /// A preparation from a font.
  ///
  /// - Parameters:
  ///   - font: Any font that embeds PNG images (CBDT tables).
  ///   - key: Names the order of the images; the default is the one of the published runs.
  public init(font: String = EmojiDataset.defaultFont, key: RandomKey = RandomKey(seed: 0)) {
    self.font = font
    self.key = key
  }

  /// Reads, scales and shuffles the images.
  ///
  /// - Parameter progress: Called after each image with the images done and the images in all.
  /// - Returns: The images, all of label 0, and the counts of the font.
  /// - Throws: ``DataError``.
  public func images(
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(DataError) -> (dataset: ImageDataset, counts: Counts) {
    guard PNGImage.isAvailable else { throw .image(.unavailable) }
    let (embedded, sources) = try distinctImages()
    let scaling = AreaScaling(side: CIFAR.side, background: 255)
    var planes: [[UInt8]] = []
    for (index, source) in sources.enumerated() {
      if let image = try? PNGImage(decoding: Array(source), channels: .rgba, maximumPixels: 1 << 22) {
        planes.append(scaling.planes(of: image))
      }
      progress(index + 1, sources.count)
    }
    guard !planes.isEmpty else { throw .noImages(path: font, embedded: embedded) }

    let order = ImageDataset.shuffledIndices(planes.count, key: key)
    let dataset = ImageDataset(
      name: Self.name, channels: 3, height: CIFAR.side, width: CIFAR.side, pixels: order.flatMap { planes[$0] },
      labels: [UInt8](repeating: 0, count: planes.count))
    let counts = Counts(
      embedded: embedded, distinct: sources.count, unreadable: sources.count - planes.count, written: planes.count,
      files: (planes.count + Self.imagesPerFile - 1) / Self.imagesPerFile)
    return (dataset, counts)
  }

  /// The images of the font, each once, in the order of the font.
  private func distinctImages() throws(DataError) -> (embedded: Int, distinct: [ArraySlice<UInt8>]) {
    let bytes: [UInt8]
    do {
      bytes = try DataFile.read(font, hint: "")
    } catch DataError.missingFile {
      throw .missingFont(path: font, package: Self.fontPackage)
    }
    let ranges = PNGScanner.ranges(in: bytes)
    var seen: Set<ArraySlice<UInt8>> = []
    return (ranges.count, ranges.map { bytes[$0] }.filter { seen.insert($0).inserted })
  }
}
