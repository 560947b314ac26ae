import LaminaNumerics

/// What everything else is compared with, in the same process and the same repetitions.
enum Yardsticks {
  static let memcpy = SpeedName(group: "yardstick", operation: "memcpy")
  static let readMaximum = SpeedName(group: "yardstick", operation: "read: largest magnitude of each 1024")
  static let readSquares = SpeedName(group: "yardstick", operation: "read: sum of squares of each 1024")
  static let add = SpeedName(group: "yardstick", operation: "y += x")
  static let memset = SpeedName(group: "yardstick", operation: "memset")

  static func cases(_ memory: SpeedMemory) -> [SpeedCase] {
    let kernels = KernelTimings(.active)
    let count = memory.values.count
    return [
      SpeedCase(name: memcpy, coordinates: count) { kernels.copy(memory) },
      SpeedCase(name: readMaximum, coordinates: count) { kernels.largest(memory) },
      SpeedCase(name: readSquares, coordinates: count) { kernels.squares(memory) },
      SpeedCase(name: add, coordinates: count) { kernels.add(memory) },
      SpeedCase(name: memset, coordinates: count) { kernels.fill(memory) },
    ]
  }
}

/// The norms of buckets, the first pass of every encoder.
enum NormCases {
  static func cases(_ memory: SpeedMemory, tier: KernelTier) -> [SpeedCase] {
    let kernels = KernelTimings(tier)
    func name(_ operation: String) -> SpeedName {
      SpeedName(group: "norm", operation: operation, tier: tier.rawValue, variant: "bucket 1024")
    }
    return [
      SpeedCase(name: name("max"), coordinates: memory.values.count) { kernels.largest(memory) },
      SpeedCase(name: name("l1"), coordinates: memory.values.count) { kernels.magnitudes(memory) },
      SpeedCase(name: name("l2"), coordinates: memory.values.count) { kernels.squares(memory) },
    ]
  }
}
