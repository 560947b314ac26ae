/// What must hold whatever bytes arrive, one law for each kind of decoder; the fuzzer looks for inputs that break one.
///
/// The first byte of an input names the law, the others are its arguments.
enum DecoderLaw: UInt8, CaseIterable {
  case framePayload, frame, recipePayload, plan, statistics, tables, code, rans, damagedRANS, fields, roundTrip
  case packedLayer, sumPayload, sumRoundTrip

  /// Checks the law that `input` names on the bytes behind its name.
  static func check(_ input: [UInt8]) throws(BrokenLaw) {
    guard let first = input.first, let law = DecoderLaw(rawValue: first) else { return }
    var bytes = InputBytes(input[1...])
    switch law {
    case .framePayload: try FrameLaw.payload(&bytes)
    case .frame: try FrameLaw.frame(&bytes)
    case .recipePayload: try FrameLaw.recipePayload(&bytes)
    case .plan: try PlanLaw.check(&bytes)
    case .statistics: try StatisticsLaw.check(&bytes)
    case .tables: try TableLaw.check(&bytes)
    case .code: try CodeLaw.check(&bytes)
    case .rans: try RANSLaw.anyBytes(&bytes)
    case .damagedRANS: try RANSLaw.damagedBytes(&bytes)
    case .fields: try FieldLaw.check(&bytes)
    case .roundTrip: try RoundTripLaw.check(&bytes)
    case .packedLayer: try PackedLaw.check(&bytes)
    case .sumPayload: try SumLaw.payload(&bytes)
    case .sumRoundTrip: try SumLaw.roundTrip(&bytes)
    }
  }
}

/// An input that a law does not hold for, and which one.
struct BrokenLaw: Error, CustomStringConvertible {
  let description: String
}

/// Throws unless `condition` holds.
func hold(_ condition: Bool, _ law: @autoclosure () -> String) throws(BrokenLaw) {
  if !condition { throw BrokenLaw(description: law()) }
}

extension Result where Success: Equatable, Failure: Equatable {
  /// Equality that is compiled for the types at hand; that of the library asks every element for its type.
  @inline(__always)
  func isSame(as other: Self) -> Bool {
    switch (self, other) {
    case (.success(let left), .success(let right)): left == right
    case (.failure(let left), .failure(let right)): left == right
    default: false
    }
  }
}
