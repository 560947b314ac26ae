import LaminaNumerics

extension ImageDataset {
  /// Two disjoint parts, drawn at random.
  ///
  /// The held-out part serves as the other real images against which the distance of real images is measured. Both
  /// parts keep the order of the whole.
  ///
  /// - Parameters:
  ///   - heldOut: Images of the second part, from 0 to `count`.
  ///   - key: Names the draw; the same key gives the same parts on every machine.
  /// - Returns: The images that remain and the images held out.
  public func split(heldOut: Int, key: RandomKey) -> (training: ImageDataset, heldOut: ImageDataset) {
    precondition(heldOut >= 0 && heldOut <= count, "no more images can be held out than there are")
    let order = ImageDataset.shuffledIndices(count, key: key)
    return (selecting(order[heldOut...].sorted()), selecting(order[..<heldOut].sorted()))
  }

  /// A permutation of 0..<count that depends on the key alone (Fisher and Yates; the modulo's bias is below 2⁻³²).
  static func shuffledIndices(_ count: Int, key: RandomKey) -> [Int] {
    var indices = Array(0..<count)
    var stream = RandomStream(key: key)
    for last in stride(from: count - 1, to: 0, by: -1) {
      indices.swapAt(last, Int(stream.next() % UInt64(last + 1)))
    }
    return indices
  }
}
