/// How often the messages of a ``FaultInjectingCollective`` are disturbed: probabilities for one message.
///
/// A message has one fault at most, so their sum is at most 1.
public struct FaultRates: Hashable, Sendable, Codable {
  /// One to three bits are flipped; an empty message has none.
  public var flips: Double
  /// Only a beginning is left, shorter than the message.
  public var truncations: Double
  /// The message before, from the same peer, comes a second time in the place of this one; the first cannot.
  public var duplicates: Double
  /// Nothing is left: the message is empty.
  public var drops: Double
  /// The message is whole, but late by ``delay``.
  public var delays: Double
  /// Seconds by which a delayed message is late.
  public var delay: Double

  /// Rates.
  ///
  /// - Parameters:
  ///   - flips: Of flipped bits.
  ///   - truncations: Of cut messages.
  ///   - duplicates: Of messages replaced by the one before.
  ///   - drops: Of emptied messages.
  ///   - delays: Of late messages.
  ///   - delay: How late those are, in seconds, from 0 to 3600.
  public init(
    flips: Double = 0, truncations: Double = 0, duplicates: Double = 0, drops: Double = 0, delays: Double = 0,
    delay: Double = 0.001
  ) {
    let rates = [flips, truncations, duplicates, drops, delays]
    precondition(
      rates.allSatisfy { (0...1).contains($0) } && rates.reduce(0, +) <= 1 + 1e-12, "Rates are probabilities")
    precondition((0...3600).contains(delay), "A delay is 0 to 3600 seconds")
    self.flips = flips
    self.truncations = truncations
    self.duplicates = duplicates
    self.drops = drops
    self.delays = delays
    self.delay = delay
  }

  /// Every fault that damages a message, equally often.
  ///
  /// - Parameter rate: The probability that a message is damaged, from 0 to 1.
  /// - Returns: A quarter of it for each kind of damage, and no delays.
  public static func damage(_ rate: Double) -> FaultRates {
    FaultRates(flips: rate / 4, truncations: rate / 4, duplicates: rate / 4, drops: rate / 4)
  }

  /// The fault of a message by a number that is uniform in [0, 1), nil for none.
  func fault(at place: Double) -> Fault? {
    var end = 0.0
    for (fault, rate) in [
      (Fault.flip, flips), (.truncation, truncations), (.duplicate, duplicates), (.drop, drops), (.delay, delays),
    ] {
      end += rate
      if place < end { return fault }
    }
    return nil
  }
}

/// What can happen to a message.
enum Fault {
  case flip, truncation, duplicate, drop, delay
}
