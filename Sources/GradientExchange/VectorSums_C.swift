import CLaminaKernels
import LaminaNumerics

/// sums += values, coordinate by coordinate.
func add(_ values: [Float], to sums: UnsafeMutableBufferPointer<Float>) {
  kernels.add(values, sums.count, sums.baseAddress)
}

/// vector −= values, coordinate by coordinate.
func subtract(_ values: [Float], from vector: UnsafeMutableBufferPointer<Float>) {
  precondition(values.count == vector.count, "Vectors of \(values.count) and of \(vector.count) coordinates")
  values.withUnsafeBufferPointer { values in
    for i in values.indices { vector[i] -= values[i] }
  }
}

/// Divides a sum over workers by their number.
func divide(_ sums: inout [Float], by workers: Int) {
  sums.withUnsafeMutableBufferPointer { divide($0, by: workers) }
}

/// Divides a part of a sum over workers by their number.
func divide(_ sums: UnsafeMutableBufferPointer<Float>, by workers: Int) {
  kernels.scale(sums.baseAddress, sums.count, 1 / Float(workers))
}
