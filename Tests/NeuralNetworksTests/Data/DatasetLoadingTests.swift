import LaminaNumerics
import NeuralNetworks
import Testing

private func record(_ labels: [UInt8], value: UInt8) -> [UInt8] {
  labels + [UInt8](repeating: value, count: 1024) + [UInt8](repeating: value &+ 1, count: 1024)
    + [UInt8](repeating: value &+ 2, count: 1024)
}

private func bigEndian(_ words: UInt32...) -> [UInt8] {
  words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * UInt32($0))) } }
}

@Suite("Data sets in folders")
struct DatasetLoadingTests {
  @Test("CIFAR-10: batches are read in the order of their numbers, planes and labels kept")
  func cifar10() throws {
    let folder = try DataFolder()
    try folder.write(record([3], value: 10) + record([9], value: 20), to: "data_batch_1.bin")
    try folder.write(record([1], value: 30), to: "data_batch_2.bin")
    try folder.write(record([2], value: 40), to: "data_batch_10.bin")
    try folder.write(record([7], value: 50), to: "test_batch.bin")
    let training = try ImageDataset(folder: folder.path)
    #expect(training.name == "CIFAR-10")
    #expect([training.count, training.channels, training.height, training.width] == [4, 3, 32, 32])
    #expect(training.labels == [3, 9, 1, 2])
    #expect(training.image(at: 2).first == 30 && training.image(at: 2).last == 32)
    #expect(try ImageDataset(folder: folder.path, part: .test).labels == [7])
  }

  @Test("a NOTICE names other images in the layout of CIFAR-10")
  func notice() throws {
    let folder = try DataFolder()
    try folder.write(record([0], value: 1), to: "data_batch_1.bin")
    try folder.write(Array("Noto emoji 32x32\nmore\n".utf8), to: "NOTICE")
    #expect(try ImageDataset(folder: folder.path).name == "Noto emoji 32x32")
  }

  @Test("CIFAR-100: the coarse label comes first, the fine one second")
  func cifar100() throws {
    let folder = try DataFolder()
    try folder.write(record([19, 99], value: 5) + record([0, 4], value: 6), to: "train.bin")
    #expect(try ImageDataset(folder: folder.path).labels == [99, 4])
    #expect(try CIFAR.loadCIFAR100(folder: folder.path, labels: .coarse).labels == [19, 0])
    #expect(try ImageDataset(folder: folder.path).pixels.count == 2 * 3072)
  }

  @Test("MNIST: IDX files are read and centred in 32 by 32")
  func mnist() throws {
    let folder = try DataFolder()
    try folder.write(bigEndian(0x803, 2, 28, 28) + (0..<2 * 784).map { UInt8($0 % 251) }, to: "train-images-idx3-ubyte")
    try folder.write(bigEndian(0x801, 2) + [5, 8], to: "train-labels.idx1-ubyte")
    let images = try ImageDataset(folder: folder.path)
    #expect([images.count, images.channels, images.height, images.width] == [2, 1, 32, 32])
    #expect(images.labels == [5, 8])
    let second = Array(images.image(at: 1))
    #expect(second[2 * 32 + 2] == UInt8(784 % 251))
    #expect(second[29 * 32 + 29] == UInt8((2 * 784 - 1) % 251))
    #expect(second[..<(2 * 32 + 2)].allSatisfy { $0 == 0 })
    #expect(try MNIST.load(folder: folder.path, padded: false).height == 28)
  }

  @Test("a split is disjoint, complete, ordered and named by its key")
  func split() {
    let pixels = (0..<100).map { UInt8($0) }
    let images = ImageDataset(name: "n", channels: 1, height: 1, width: 1, pixels: pixels, labels: pixels)
    let (training, heldOut) = images.split(heldOut: 30, key: RandomKey(seed: 1))
    #expect(heldOut.count == 30)
    #expect((training.pixels + heldOut.pixels).sorted() == pixels)
    #expect(training.pixels == training.pixels.sorted() && training.labels == training.pixels)
    #expect(images.split(heldOut: 30, key: RandomKey(seed: 1)).heldOut == heldOut)
    #expect(images.split(heldOut: 30, key: RandomKey(seed: 2)).heldOut != heldOut)
  }
}

@Suite("Bad data files")
struct BadDataTests {
  private func failure(_ folder: DataFolder) -> DataError? {
    do throws(DataError) {
      _ = try ImageDataset(folder: folder.path)
      return nil
    } catch { return error }
  }

  @Test("a missing folder and an unknown one are named")
  func folders() throws {
    let folder = try DataFolder()
    #expect(failure(folder) == .unrecognisedFolder(path: folder.path, found: []))
    try folder.write([1], to: "holiday.jpg")
    let message = try #require(failure(folder)?.description)
    #expect(message.contains(folder.path) && message.contains("holiday.jpg") && message.contains("data_batch_*.bin"))
    #expect(throws: DataError.self) { try ImageDataset(folder: folder.path + "/nowhere") }
  }

  @Test("a truncated batch states the size expected and found")
  func truncatedBatch() throws {
    let folder = try DataFolder()
    let path = try folder.write(record([1], value: 0).dropLast(), to: "data_batch_1.bin")
    #expect(
      failure(folder) == .wrongSize(path: path, expected: "a positive multiple of 3073 bytes", found: 3072))
    try folder.write([], to: "data_batch_1.bin")
    #expect(failure(folder) == .wrongSize(path: path, expected: "a positive multiple of 3073 bytes", found: 0))
  }

  @Test("a label outside the classes is found")
  func label() throws {
    let folder = try DataFolder()
    let path = try folder.write(record([1], value: 0) + record([10], value: 0), to: "data_batch_1.bin")
    #expect(failure(folder) == .wrongLabel(path: path, index: 1, expected: "a class below 10", found: 10))
  }

  @Test("MNIST: wrong magic, truncation, surplus, absurd sizes, disagreement and compression")
  func mnist() throws {
    let folder = try DataFolder()
    let images = folder.file("train-images-idx3-ubyte")
    let labels = folder.file("train-labels-idx1-ubyte")
    try folder.write(bigEndian(0x801, 1) + [5], to: "train-labels-idx1-ubyte")
    let good = bigEndian(0x803, 1, 28, 28) + [UInt8](repeating: 0, count: 784)

    func outcome(_ bytes: [UInt8]) throws -> DataError? {
      try folder.write(bytes, to: "train-images-idx3-ubyte")
      return failure(folder)
    }
    #expect(try outcome(good) == nil)
    #expect(
      try outcome(bigEndian(0x801, 1) + good.dropFirst(8))
        == .wrongMagic(path: images, expected: "an IDX file of magic 2051", found: "magic 2049"))
    #expect(try outcome(Array(good.dropLast())) == .truncated(path: images, expected: 800, found: 799))
    #expect(try outcome(Array(good.prefix(9))) == .truncated(path: images, expected: 16, found: 9))
    #expect(
      try outcome(good + [0])
        == .wrongSize(path: images, expected: "800 bytes, as its header says", found: 801))
    for sizes in [bigEndian(0x803, .max, .max, .max), bigEndian(0x803, 0, 28, 28), bigEndian(0x803, .max, .max, 1)] {
      guard case .wrongSize = try outcome(sizes + [1]) else {
        Issue.record("absurd sizes were accepted")
        continue
      }
    }
    let two = bigEndian(0x803, 2, 28, 28) + [UInt8](repeating: 0, count: 2 * 784)
    #expect(
      try outcome(two) == .countMismatch(images: images, imageCount: 2, labels: labels, labelCount: 1))
    #expect(try outcome([0x1F, 0x8B] + good) == .compressed(path: images))
  }

  @Test("a compressed MNIST folder says to unpack it")
  func packed() throws {
    let folder = try DataFolder()
    let path = try folder.write([0x1F, 0x8B], to: "train-images-idx3-ubyte.gz")
    #expect(failure(folder) == .compressed(path: path))
    #expect(failure(folder)?.description.contains("gunzip") == true)
  }
}
