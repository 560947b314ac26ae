/// One thing to time, with what is known of it beside its time.
struct SpeedCase {
  let name: SpeedName
  /// The coordinates that one run deals with.
  let coordinates: Int
  /// What the fastest run is to reach.
  var goal: SpeedGoal?
  /// Bits per coordinate and normalised error, found once after the timing.
  var quality: (() -> SpeedQuality)?
  /// What is timed.
  let run: () -> Void
}

/// What tells one timed thing from another.
package struct SpeedName: Hashable, Sendable, Codable {
  /// The kind of operation: "yardstick", "norm", "packed", "dithered", "rans", "frame".
  package var group: String
  /// What is done: "encode", "decode" and so on.
  package var operation: String
  /// The instruction set, nil where there is no choice.
  package var tier: String?
  /// Bits per coordinate, nil where there are none.
  package var bits: Int?
  /// What else distinguishes it.
  package var variant: String?
  /// The threads that share the work.
  package var threads = 1
}

/// What coding costs beside time.
package struct SpeedQuality: Hashable, Sendable, Codable {
  /// Everything that travels, in bits per coordinate.
  package var bitsPerCoordinate: Double?
  /// ‖decoded − v‖²/‖v‖².
  package var normalizedError: Double?
  /// The entropy of the symbols, where symbols are coded.
  package var entropyBits: Double?
}
