import WireFormat

/// The part of an exchange that moves one step's vectors: encodes, sends, adds up.
///
/// Law: all ranks return the same bits.
protocol VectorReduction {
  /// The plan in force.
  var plan: QuantizationPlan { get }
  /// The vector of this rank as all others decoded it at the last step.
  var own: [Float] { get }
  /// What this rank sent.
  var traffic: TrafficReport { get }

  /// The mean of the vectors of all workers.
  ///
  /// - Parameters:
  ///   - local: The vector of this rank.
  ///   - step: The step.
  ///   - mean: Replaced by the mean, of the dimension of the plan as `local` is; it may be the memory of `local`.
  ///   - observer: Is shown the layers of this rank; nil where nothing is to be learnt from this step.
  ///   - times: Grows by the seconds that the parts took.
  /// - Returns: What the frames and their making told.
  /// - Throws: `ExchangeError`, on every rank whose part cannot be had.
  mutating func reduce(
    _ local: LocalVector, step: UInt64, into mean: UnsafeMutableBufferPointer<Float>,
    observer: inout AgreementState?, times: inout ExchangeTimes
  ) throws(ExchangeError) -> ExchangeTally

  /// Subtracts the vector of this rank as all others decoded it from `vector`, of the same dimension.
  func subtractOwn(from vector: UnsafeMutableBufferPointer<Float>)

  /// Replaces the plan by one for the same layers, at a level epoch.
  mutating func adopt(_ plan: QuantizationPlan)

  /// Goes on from what another run of this rank had sent.
  mutating func restore(own: [Float], traffic: TrafficReport)

  /// Counts an agreement on levels.
  mutating func count(agreementBits: Int, sentBytes: Int)
}
