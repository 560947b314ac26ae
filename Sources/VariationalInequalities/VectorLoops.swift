// The loops that solvers spend their time in. Each is one pass over contiguous memory. Sums run in eight interleaved
// lanes: the order is fixed, so results do not depend on the machine, and the lanes hide the latency of addition.

extension Array where Element == Double {
  /// self ← x − step·v.
  package mutating func assign(_ x: Point, minus step: Double, times v: DualVector) {
    precondition(x.count == count && v.count == count, "A point and a dual vector must have equal dimensions")
    withUnsafeMutableBufferPointer { out in
      x.withUnsafeBufferPointer { x in
        v.withUnsafeBufferPointer { v in
          for i in 0..<out.count { out[i] = x[i] - step * Double(v[i]) }
        }
      }
    }
  }

  /// self ← self − step·v.
  package mutating func subtract(_ step: Double, times v: DualVector) {
    precondition(v.count == count, "A point and a dual vector must have equal dimensions")
    withUnsafeMutableBufferPointer { out in
      v.withUnsafeBufferPointer { v in
        for i in 0..<out.count { out[i] -= step * Double(v[i]) }
      }
    }
  }

  /// self ← self − x.
  package mutating func subtract(_ x: Point) {
    precondition(x.count == count, "Points must have equal dimensions")
    withUnsafeMutableBufferPointer { out in
      x.withUnsafeBufferPointer { x in
        for i in 0..<out.count { out[i] -= x[i] }
      }
    }
  }

  /// self ← x − self.
  package mutating func subtract(from x: Point) {
    precondition(x.count == count, "Points must have equal dimensions")
    withUnsafeMutableBufferPointer { out in
      x.withUnsafeBufferPointer { x in
        for i in 0..<out.count { out[i] = x[i] - out[i] }
      }
    }
  }

  /// self ← x + factor·y.
  package mutating func assign(_ x: Point, plus factor: Double, times y: Point) {
    precondition(x.count == count && y.count == count, "Points must have equal dimensions")
    withUnsafeMutableBufferPointer { out in
      x.withUnsafeBufferPointer { x in
        y.withUnsafeBufferPointer { y in
          for i in 0..<out.count { out[i] = x[i] + factor * y[i] }
        }
      }
    }
  }

  /// self ← scale·x + factor·y.
  package mutating func assign(_ x: Point, scaledBy scale: Double, plus factor: Double, times y: Point) {
    precondition(x.count == count && y.count == count, "Points must have equal dimensions")
    withUnsafeMutableBufferPointer { out in
      x.withUnsafeBufferPointer { x in
        y.withUnsafeBufferPointer { y in
          for i in 0..<out.count { out[i] = scale * x[i] + factor * y[i] }
        }
      }
    }
  }

  /// x + factor·y, in new memory that is written once.
  package static func sum(_ x: Point, plus factor: Double, times y: Point) -> Point {
    precondition(x.count == y.count, "Points must have equal dimensions")
    return Point(unsafeUninitializedCapacity: x.count) { out, initializedCount in
      x.withUnsafeBufferPointer { x in
        y.withUnsafeBufferPointer { y in
          for i in 0..<x.count { out[i] = x[i] + factor * y[i] }
        }
      }
      initializedCount = x.count
    }
  }

  /// x − step·v, in new memory that is written once.
  package static func difference(_ x: Point, minus step: Double, times v: DualVector) -> Point {
    precondition(x.count == v.count, "A point and a dual vector must have equal dimensions")
    return Point(unsafeUninitializedCapacity: x.count) { out, initializedCount in
      x.withUnsafeBufferPointer { x in
        v.withUnsafeBufferPointer { v in
          for i in 0..<x.count { out[i] = x[i] - step * Double(v[i]) }
        }
      }
      initializedCount = x.count
    }
  }

  /// self ← self + weight·(x − self): the running mean for weight 1/n.
  package mutating func move(toward x: Point, by weight: Double) {
    precondition(x.count == count, "Points must have equal dimensions")
    withUnsafeMutableBufferPointer { out in
      x.withUnsafeBufferPointer { x in
        for i in 0..<out.count { out[i] += weight * (x[i] - out[i]) }
      }
    }
  }

  /// ‖self‖².
  package var squaredNorm: Double {
    withUnsafeBufferPointer { a in
      sumInLanes(count) { i in a[i] * a[i] }
    }
  }

  /// ‖self − x‖².
  package func squaredDistance(to x: Point) -> Double {
    precondition(x.count == count, "Points must have equal dimensions")
    return withUnsafeBufferPointer { a in
      x.withUnsafeBufferPointer { b in
        sumInLanes(count) { i in
          let difference = a[i] - b[i]
          return difference * difference
        }
      }
    }
  }

  /// ⟨self, x⟩.
  package func dot(_ x: Point) -> Double {
    precondition(x.count == count, "Points must have equal dimensions")
    return withUnsafeBufferPointer { a in
      x.withUnsafeBufferPointer { b in
        sumInLanes(count) { i in a[i] * b[i] }
      }
    }
  }

  /// The largest |xᵢ|, or NaN if a coordinate is NaN.
  package var largestMagnitude: Double {
    withUnsafeBufferPointer { a in
      var largest = SIMD8<Double>(repeating: 0)
      var notNumbers = SIMD8<Double>(repeating: 0)
      for i in stride(from: 0, to: count, by: 8) {
        for lane in 0..<Swift.min(8, count - i) {
          let magnitude = Swift.abs(a[i + lane])
          largest[lane] = largest[lane] < magnitude ? magnitude : largest[lane]
          // 0 for a number, NaN for NaN and infinity.
          notNumbers[lane] += magnitude - magnitude
        }
      }
      let bound = largest.max()
      return bound.isFinite && notNumbers.sum().isNaN ? .nan : bound
    }
  }
}

extension Array where Element == Float {
  /// ‖self‖², summed in double precision.
  package var squaredNorm: Double {
    withUnsafeBufferPointer { a in
      sumInLanes(count) { i in Double(a[i]) * Double(a[i]) }
    }
  }

  /// ‖self − v‖², differences and sum in double precision.
  package func squaredDistance(to v: DualVector) -> Double {
    precondition(v.count == count, "Dual vectors must have equal dimensions")
    return withUnsafeBufferPointer { a in
      v.withUnsafeBufferPointer { b in
        sumInLanes(count) { i in
          let difference = Double(a[i]) - Double(b[i])
          return difference * difference
        }
      }
    }
  }
}

/// Σ term(i) over 0..<count, in eight lanes that are added pairwise at the end.
@inline(__always)
func sumInLanes(_ count: Int, _ term: (Int) -> Double) -> Double {
  var lanes = SIMD8<Double>(repeating: 0)
  let whole = count & ~7
  for i in stride(from: 0, to: whole, by: 8) {
    lanes += SIMD8(
      term(i), term(i + 1), term(i + 2), term(i + 3), term(i + 4), term(i + 5), term(i + 6), term(i + 7))
  }
  for i in whole..<count { lanes[i - whole] += term(i) }
  return lanes.sum()
}
