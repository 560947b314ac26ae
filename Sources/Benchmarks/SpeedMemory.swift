import LaminaNumerics

/// The vectors that everything is timed on, in one allocation each, all of it touched before the first run.
///
/// One policy for all: memory of the C library, aligned to 64 bytes, in pages as the system gives them.
final class SpeedMemory {
  /// Gaussian coordinates of variance 1.
  let values: UnsafeMutableBufferPointer<Float>
  /// Sums, kept within binary32 by resets between repetitions.
  let sums: UnsafeMutableBufferPointer<Float>
  /// Room for as many bytes as the values have, and some more.
  let bytes: UnsafeMutableRawBufferPointer

  init(size: Int, key: RandomKey) {
    values = Self.floats(size)
    sums = Self.floats(size)
    bytes = .allocate(byteCount: 4 * size + 4096, alignment: 64)
    bytes.initializeMemory(as: UInt8.self, repeating: 1)
    var stream = RandomStream(key: key)
    for i in values.indices { values[i] = Float(stream.nextNormal()) }
    resetSums()
  }

  deinit {
    UnsafeMutableRawBufferPointer(values).deallocate()
    UnsafeMutableRawBufferPointer(sums).deallocate()
    bytes.deallocate()
  }

  /// The coordinates, to read.
  var source: UnsafeBufferPointer<Float> { UnsafeBufferPointer(values) }

  /// ‖v‖² of the coordinates.
  var squaredNorm: Double { values.reduce(0) { $0 + Double($1) * Double($1) } }

  func resetSums() { sums.update(repeating: 0) }

  /// ‖sums − v‖²/‖v‖², for sums that started from 0 and were added to once.
  func normalizedError() -> Double {
    var error = 0.0
    for i in values.indices {
      let difference = Double(sums[i]) - Double(values[i])
      error += difference * difference
    }
    return error / squaredNorm
  }

  private static func floats(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 * count, alignment: 64)
    return memory.initializeMemory(as: Float.self, repeating: 1)
  }
}
