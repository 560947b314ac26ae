import Experiments
import Foundation
import NeuralNetworks
import Testing

/// A second reader of event files, which shares nothing with the writer.
private struct EventReader {
  struct Field {
    let number: UInt64
    let integer: UInt64
    let block: [UInt8]
  }
  enum Failure: Error { case damaged }

  /// CRC-32C bit by bit.
  static func check(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
    }
    crc = ~crc
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }

  static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }

  static func events(_ bytes: [UInt8]) throws -> [[Field]] {
    var rest = bytes[...]
    var events: [[Field]] = []
    while !rest.isEmpty {
      let header = rest.prefix(8)
      let length = Int(number(header))
      guard rest.count >= 16 + length, number(rest.dropFirst(8).prefix(4)) == UInt64(check(Array(header))) else {
        throw Failure.damaged
      }
      let data = Array(rest.dropFirst(12).prefix(length))
      guard number(rest.dropFirst(12 + length).prefix(4)) == UInt64(check(data)) else { throw Failure.damaged }
      events.append(try fields(data))
      rest = rest.dropFirst(16 + length)
    }
    return events
  }

  static func fields(_ bytes: [UInt8]) throws -> [Field] {
    var rest = bytes[...]
    func varint() throws -> UInt64 {
      var value: UInt64 = 0
      var shift: UInt64 = 0
      while let byte = rest.popFirst() {
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
      throw Failure.damaged
    }
    var fields: [Field] = []
    while !rest.isEmpty {
      let key = try varint()
      let size: Int
      switch key & 7 {
      case 0:
        fields.append(.init(number: key >> 3, integer: try varint(), block: []))
        continue
      case 1: size = 8
      case 5: size = 4
      case 2: size = Int(try varint())
      default: throw Failure.damaged
      }
      let block = rest.prefix(size)
      rest = rest.dropFirst(size)
      fields.append(.init(number: key >> 3, integer: size <= 8 ? number(block) : 0, block: Array(block)))
    }
    return fields
  }
}

extension [EventReader.Field] {
  fileprivate subscript(field number: UInt64) -> EventReader.Field? { first { $0.number == number } }
}

@Suite("TensorBoard event files")
struct EventFileTests {
  private func events(of file: EventFile) throws -> [[EventReader.Field]] {
    try EventReader.events([UInt8](try Data(contentsOf: URL(fileURLWithPath: file.path))))
  }

  @Test("scalars and images are read back by an independent reader")
  func roundTrip() throws {
    let folder = try RunTestFolder()
    let file = try EventFile(folder: folder.path, host: "host", now: { 1_700_000_000.25 })
    #expect(file.path.hasSuffix("/events.out.tfevents.1700000000.host"))
    try file.scalar(0.15625, tag: "loss/generator", step: 300)
    let png = [UInt8](repeating: 7, count: 300)
    try file.image(
      PNGImage(width: 5, height: 4, channels: .rgb, pixels: [UInt8](repeating: 0, count: 60)), png: png, tag: "samples",
      step: 400)

    let events = try events(of: file)
    #expect(events.count == 3)
    #expect(events[0][field: 3]?.block == Array("brain.Event:2".utf8))
    #expect(events[1][field: 1]?.integer == 1_700_000_000.25.bitPattern)
    #expect(events[1][field: 2]?.integer == 300)
    let scalar = try EventReader.fields(try EventReader.fields(try #require(events[1][field: 5]).block)[0].block)
    #expect(scalar[field: 1]?.block == Array("loss/generator".utf8))
    #expect(scalar[field: 2]?.integer == UInt64(Float(0.15625).bitPattern))
    let entry = try EventReader.fields(try EventReader.fields(try #require(events[2][field: 5]).block)[0].block)
    let image = try EventReader.fields(try #require(entry[field: 4]).block)
    #expect(image[field: 1]?.integer == 4 && image[field: 2]?.integer == 5 && image[field: 3]?.integer == 3)
    #expect(image[field: 4]?.block == png)
  }

  @Test("a resumed run begins a new file that voids later steps")
  func resumed() throws {
    let folder = try RunTestFolder()
    let first = try EventFile(folder: folder.path, host: "h", now: { 5 })
    let second = try EventFile(folder: folder.path, resumingAfter: 20, host: "h", now: { 5 })
    #expect(first.path != second.path)
    let events = try events(of: second)
    #expect(events[1][field: 2]?.integer == 21)
    #expect(try EventReader.fields(try #require(events[1][field: 7]).block)[field: 1]?.integer == 1)
  }
}
