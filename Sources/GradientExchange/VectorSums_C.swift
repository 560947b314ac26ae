import CLaminaKernels
import LaminaNumerics

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
