import EntropyCoding
import Foundation
import NeuralNetworks

/// A file of curves and images that TensorBoard shows.
///
/// A record is a length, its checksum, an `Event` message and its checksum (masked CRC-32C), each written at once, so a
/// run can be watched while it goes on.
///
/// Reference: TensorFlow, `core/lib/io/record_writer.h`, `core/util/event.proto`, `core/framework/summary.proto`.
public final class EventFile: Sendable {
  private let file: OpenFile
  private let now: @Sendable () -> Double

  /// Where the records go.
  public var path: String { file.path }

  /// Begins a new event file in a folder.
  ///
  /// - Parameters:
  ///   - folder: An existing folder; TensorBoard takes it for one run.
  ///   - step: The step after which the run goes on; TensorBoard then forgets later steps of earlier files. Nil for a
  ///     new run.
  ///   - host: The machine named in the file's name.
  ///   - now: Gives the time of an event in seconds since 1970.
  /// - Throws: ``RunFileError/system(path:operation:code:)``.
  public init(
    folder: String, resumingAfter step: Int? = nil, host: String = ProcessInfo.processInfo.hostName,
    now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
  ) throws(RunFileError) {
    let stem = "\(folder)/events.out.tfevents.\(Int(now())).\(host)"
    var path = stem
    var attempt = 1
    while FileManager.default.fileExists(atPath: path) {
      attempt += 1
      path = "\(stem).\(attempt)"
    }
    self.now = now
    file = try OpenFile(path: path, flags: O_APPEND | O_EXCL)
    try append(step: 0) { $0.block(3, Array("brain.Event:2".utf8)) }
    if let step {
      // SessionLog.START: everything that earlier files say of later steps is void.
      var session = ProtobufMessage()
      session.varint(1, 1)
      try append(step: step + 1) { $0.block(7, session.bytes) }
    }
  }

  /// Adds a point to a curve.
  ///
  /// - Parameters:
  ///   - value: The ordinate, kept in single precision.
  ///   - tag: The name of the curve; a slash makes groups, as in "loss/generator".
  ///   - step: The abscissa, at least 0.
  /// - Throws: ``RunFileError/system(path:operation:code:)``.
  public func scalar(_ value: Double, tag: String, step: Int) throws(RunFileError) {
    var entry = ProtobufMessage()
    entry.block(1, Array(tag.utf8))
    entry.float(2, Float(value))
    try summary(entry, step: step)
  }

  /// Adds an image.
  ///
  /// - Parameters:
  ///   - image: The image.
  ///   - png: The same image as a PNG file.
  ///   - tag: The name of the series of images.
  ///   - step: The step, at least 0.
  /// - Throws: ``RunFileError/system(path:operation:code:)``.
  public func image(_ image: PNGImage, png: [UInt8], tag: String, step: Int) throws(RunFileError) {
    var content = ProtobufMessage()
    content.varint(1, UInt64(image.height))
    content.varint(2, UInt64(image.width))
    content.varint(3, UInt64(image.channels.rawValue))
    content.block(4, png)
    var entry = ProtobufMessage()
    entry.block(1, Array(tag.utf8))
    entry.block(4, content.bytes)
    try summary(entry, step: step)
  }

  private func summary(_ entry: ProtobufMessage, step: Int) throws(RunFileError) {
    var summary = ProtobufMessage()
    summary.block(1, entry.bytes)
    try append(step: step) { $0.block(5, summary.bytes) }
  }

  private func append(step: Int, _ fill: (inout ProtobufMessage) -> Void) throws(RunFileError) {
    precondition(step >= 0, "steps count from 0")
    var event = ProtobufMessage()
    event.double(1, now())
    event.varint(2, UInt64(step))
    fill(&event)
    let length = UInt64(event.bytes.count).littleEndianBytes
    try file.write(
      length + Self.maskedCheck(length).littleEndianBytes + event.bytes
        + Self.maskedCheck(event.bytes).littleEndianBytes)
  }

  /// The checksum as record files store it: rotated and offset, so that a checksum of checksums stays sound.
  static func maskedCheck(_ bytes: [UInt8]) -> UInt32 {
    let check = CRC32C.checksum(bytes)
    return (check >> 15 | check << 17) &+ 0xA282_EAD8
  }
}
