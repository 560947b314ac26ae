import LaminaNumerics
import VariationalInequalities

/// A hash of the exact bits of a point, by which workers compare their replicas.
struct ParameterDigest: Hashable, Sendable {
  let word: UInt64

  init(_ point: Point) {
    word = point.withUnsafeBufferPointer { numbers in
      numbers.reduce(UInt64(numbers.count)) { scrambled($0 ^ $1.bitPattern) }
    }
  }

  init?(bytes: [UInt8]) {
    guard bytes.count == 8 else { return nil }
    word = bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  var bytes: [UInt8] { withUnsafeBytes(of: word.littleEndian) { Array($0) } }

  var text: String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
