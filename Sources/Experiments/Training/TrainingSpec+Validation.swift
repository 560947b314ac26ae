import GradientExchange
import Quantization

extension TrainingSpec {
  /// Checks that the settings are possible, one by one and together.
  package func validate() throws(TrainingError) {
    try require((1...4096).contains(workers), "A run has 1 to 4096 workers, not \(workers).")
    try require((2...65536).contains(batchSize), "A batch has 2 to 65536 images, not \(batchSize).")
    try require(steps >= 1, "A run has at least 1 step, not \(steps).")
    // Manifests are JSON, whose whole numbers have 64 bits with a sign here.
    try require(seed <= UInt64(Int64.max), "A seed is at most 2^63 - 1, not \(seed).")
    try require((0..<1).contains(averaging), "The averaging of generators lies in 0..<1, not \(averaging).")
    try require(
      evaluationInterval >= 1 && checkpointInterval >= 1, "Evaluations and checkpoints are at least 1 step apart.")
    try require(evaluationSamples >= 2, "An evaluation needs at least 2 samples, not \(evaluationSamples).")
    try require(
      reduction != .scatterReduce || compression?.coding != .alternating,
      "A scatter-reduce needs the Main protocol: under the Alternating one no part of a vector has a code of its own.")
    if let retries {
      try require((0...1000).contains(retries), "A message is sent again 0 to 1000 times, not \(retries).")
    }
    try network.validate()
    try solver.validate()
    try compression?.validate()
  }
}

extension NetworkSpec {
  fileprivate func validate() throws(TrainingError) {
    if let width { try require((1...4096).contains(width), "The width of a network is 1 to 4096, not \(width).") }
    if let gradientPenalty {
      try require(
        gradientPenalty >= 0 && gradientPenalty.isFinite, "The weight of the gradient penalty is not negative.")
    }
    try require(clipping > 0 && clipping.isFinite, "The clipping bound is positive, not \(clipping).")
  }
}

extension SolverSpec {
  fileprivate func validate() throws(TrainingError) {
    for (name, value) in [
      ("learning rate of the generator", generatorRate), ("learning rate of the critic", criticRate),
      ("scale", stepScale), ("leading constant", stepLeadingConstant),
    ] {
      try require(value > 0 && value.isFinite, "The \(name) is positive and finite, not \(value).")
    }
    for decay in [firstDecay, secondDecay] {
      try require((0..<1).contains(decay), "The decays of Adam lie in 0..<1, not \(decay).")
    }
    if case .constant(let step) = steps {
      try require(step > 0 && step.isFinite, "A constant step is positive and finite, not \(step).")
    }
  }
}

extension CompressionSpec {
  fileprivate func validate() throws(TrainingError) {
    let widths = quantizer == .eden ? 1...8 : 2...8
    try require(
      widths.contains(bits), "A coordinate has \(widths.lowerBound) to \(widths.upperBound) bits, not \(bits).")
    try require(budget >= 0.5 && budget <= 16, "A budget is 0.5 to 16 bits per coordinate, not \(budget).")
    for (type, bits) in typeBits.sorted(by: { $0.key < $1.key }) {
      try require(
        bits == 0 || quantizer != .dithered,
        "Layer type '\(type)' shares the dithered step of the vector; typeBits can only be 0, to send it exactly.")
      try require(
        bits == 0 || widths.contains(bits),
        "Layer type '\(type)' has \(widths.lowerBound) to \(widths.upperBound) bits or 0, not \(bits).")
    }
    if sharesBits {
      try require(
        quantizer == .levels && coding == .main && grouping == .layerWise && model == .histogram
          && weighting == .squaredNorm && method != .fixed && typeBits.values.allSatisfy { $0 == 0 },
        "Sharing out bits needs adapted levels per layer type, histograms, squared norms, the main protocol and no bits by type."
      )
    }
    try require(schedule.interval >= 1, "The interval of the schedule is at least 1.")
    try require(
      (1...10_000).contains(schedule.window), "The window of the schedule has 1 to 10000 steps, not \(schedule.window)."
    )
    if let normExponent {
      try require(
        normExponent >= 1 && normExponent.isFinite,
        "The exponent of a norm is at least 1, or absent for the maximum, not \(normExponent).")
    }
    if let bucket {
      try require(
        (0...NormScope.largestBucket).contains(bucket), "A bucket has 1 to 2^24 coordinates, not \(bucket).")
    }
    if let multiplier = fixedMultiplier {
      try require(method == .fixed, "A fixed multiplier needs the method 'fixed', not '\(method.rawValue)'.")
      try require(multiplier > 0 && multiplier < 1, "A multiplier lies between 0 and 1, not \(multiplier).")
      let widest = max(bits, typeBits.values.max() ?? 0)
      let smallest = (0..<max(0, (1 << (widest - 1)) - 2)).reduce(Float(1)) { power, _ in power * multiplier }
      try require(smallest >= .leastNormalMagnitude, "The multiplier \(multiplier) is too small for \(widest) bits.")
    }
  }
}

private func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(TrainingError) {
  guard condition else { throw .setting(message()) }
}
