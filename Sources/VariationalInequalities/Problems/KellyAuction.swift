/// Kelly's auction of a divisible resource: bidder i with bid xᵢ ≥ 0 receives Q xᵢ/(Z + Σⱼ xⱼ) and values it Gᵢ a unit.
///
/// The operator is the negative gradient of each bidder's utility, vᵢ(x) = 1 − GᵢQ(Z + Σ_{j≠i} xⱼ)/(Z + Σⱼ xⱼ)². The
/// interior equilibrium has the sum S = Z + Σx that is the positive root of S² Σ 1/(GᵢQ) − (n − 1)S − Z = 0, and
/// xᵢ = S − S²/(GᵢQ). The instances are those of the public code of "Sifting through the Noise".
public struct KellyAuction: Problem {
  /// Gᵢ, the value of a unit to each bidder.
  public let values: [Double]

  /// Q, the amount for sale.
  public let amount: Double

  /// Z, the seller's entry barrier.
  public let barrier: Double

  /// The auction with the given constants.
  ///
  /// - Parameters:
  ///   - values: Gᵢ > 0 for each bidder, at least one.
  ///   - amount: Q > 0.
  ///   - barrier: Z > 0.
  public init(values: [Double], amount: Double, barrier: Double) {
    precondition(!values.isEmpty && values.allSatisfy { $0 > 0 }, "Every bidder needs a positive value")
    precondition(amount > 0 && barrier > 0, "Amount and barrier must be positive")
    self.values = values
    self.amount = amount
    self.barrier = barrier
  }

  /// Two bidders, G = (2, 3), Q = Z = 1.
  public static var twoBidders: KellyAuction { KellyAuction(values: [2, 3], amount: 1, barrier: 1) }

  /// Four bidders, G = (1.8, 2, 2.2, 2.4), Q = 1000, Z = 100.
  public static var fourBidders: KellyAuction {
    KellyAuction(values: [1.8, 2, 2.2, 2.4], amount: 1000, barrier: 100)
  }

  /// A hundred bidders, Gᵢ = 6 + 0.1(i − 1)/99, Q = 1000, Z = 100.
  public static var hundredBidders: KellyAuction {
    KellyAuction(values: (0..<100).map { 6 + 0.1 * Double($0) / 99 }, amount: 1000, barrier: 100)
  }

  /// The number of bidders.
  public var dimension: Int { values.count }

  /// vᵢ(x).
  ///
  /// - Parameter x: The bids.
  /// - Returns: Each bidder's marginal cost.
  public func evaluate(at x: Point) -> DualVector {
    precondition(x.count == dimension, "An auction needs a bid from each bidder")
    let total = barrier + x.reduce(0, +)
    return x.indices.map { Float(1 - values[$0] * amount * (total - x[$0]) / (total * total)) }
  }

  /// Raises negative bids to 0.
  ///
  /// - Parameter x: The bids.
  public func project(_ x: inout Point) {
    for i in x.indices { x[i] = max(x[i], 0) }
  }

  /// The interior equilibrium, or nil if some bidder stays out.
  public var solution: Point? {
    let sum = values.reduce(0) { $0 + 1 / ($1 * amount) }
    let others = Double(dimension - 1)
    let total = (others + (others * others + 4 * sum * barrier).squareRoot()) / (2 * sum)
    let bids = values.map { total - total * total / ($0 * amount) }
    return bids.allSatisfy { $0 > 0 } ? bids : nil
  }
}
