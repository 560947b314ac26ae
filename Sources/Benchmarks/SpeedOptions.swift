import LaminaNumerics

/// What to measure, and how often.
package struct SpeedOptions: Sendable {
  /// The instruction sets to compare.
  package var tiers: [KernelTier]
  /// The bits per coordinate to code with, each 2…8.
  package var bits: [Int]
  /// The coordinates of the vector; 2²⁴ are 64 MiB, more than any cache holds.
  package var size: Int
  /// How often everything is run; the least time counts.
  package var repetitions: Int
  /// The threads of frames that are coded by several.
  package var threads: Int

  /// What `make bench` measures.
  package static var usual: SpeedOptions {
    SpeedOptions(tiers: KernelTier.supported, bits: [2, 3, 4, 5, 8], size: 1 << 24, repetitions: 12, threads: 2)
  }

  /// These choices.
  package init(tiers: [KernelTier], bits: [Int], size: Int, repetitions: Int, threads: Int) {
    precondition(tiers.allSatisfy(KernelTier.supported.contains), "This processor has not got all of these tiers")
    precondition(bits.allSatisfy((2...8).contains), "A coordinate is coded in 2 to 8 bits here")
    precondition(size >= 1 && repetitions >= 1 && threads >= 1, "Sizes and counts are positive")
    self.tiers = tiers
    self.bits = bits
    self.size = size
    self.repetitions = repetitions
    self.threads = threads
  }
}
