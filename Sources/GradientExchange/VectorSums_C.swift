import CLaminaKernels
import LaminaNumerics

/// What one exchange says of a worker's vector, in binary64.
struct VectorTally {
  /// ‖V̂‖².
  let norm: Double
  /// ‖V̂ − V̂′‖², V̂′ the vector sent before.
  let change: Double
  /// ‖V̂ − V‖².
  let error: Double
  /// ‖V‖².
  let source: Double

  init(sent: [Float], before: [Float], wanted: [Float]) {
    let tally = kernels.tally(sent, before, wanted, sent.count)
    norm = Self.canonical(tally.norm)
    change = Self.canonical(tally.change)
    error = Self.canonical(tally.error)
    source = Self.canonical(tally.source)
  }

  /// Which NaN a sum of several makes differs between instruction sets, and the sums travel in frames.
  private static func canonical(_ sum: Double) -> Double { sum.isNaN ? .nan : sum }
}

/// sums += values, coordinate by coordinate.
func add(_ values: [Float], to sums: UnsafeMutableBufferPointer<Float>) {
  kernels.add(values, sums.count, sums.baseAddress)
}

/// Divides a sum over workers by their number.
func divide(_ sums: inout [Float], by workers: Int) {
  sums.withUnsafeMutableBufferPointer { divide($0, by: workers) }
}

/// Divides a part of a sum over workers by their number.
func divide(_ sums: UnsafeMutableBufferPointer<Float>, by workers: Int) {
  kernels.scale(sums.baseAddress, sums.count, 1 / Float(workers))
}
