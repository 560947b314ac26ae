import RealModule

extension RandomStream {
  /// The next standard normal number, by the method of Box and Muller.
  ///
  /// Each call uses two words, so that the n-th number is a function of n alone.
  public mutating func nextNormal() -> Double {
    let radius = (-2 * Double.log(1 - nextUnit())).squareRoot()
    return radius * Double.cos(2 * Double.pi * nextUnit())
  }
}
