/// The penalty of a critic whose gradient at an image is not of norm 1 (Gulrajani et al., arXiv 1704.00028, equation 3).
///
/// P = Σ (‖∇ₓD(x̂)‖ − 1)² over a batch, to be differentiated with respect to the critic's parameters.
package struct GradientPenalty {
  /// How to differentiate through the gradient.
  package enum Method: String, Hashable, Sendable, CaseIterable {
    /// For piecewise linear critics: with v = g/‖g‖, ‖g‖ = v·∇ₓD(x̂) is the critic's tangent in the direction v with the
    /// pattern of active rectifiers frozen, so that one ordinary backward pass of Σ 2(‖g‖ − 1)·(v·∇ₓD) remains.
    case frozenPattern
    /// Backward through the backward pass; for every critic whose gradient does not vanish at any image.
    case doubleBackward
  }

  /// A scalar whose gradient with respect to the critic's parameters is that of P; its value is not P.
  package let surrogate: Tensor
  /// P itself.
  package let value: Double
  /// The mean of ‖∇ₓD(x̂)‖.
  package let meanNorm: Double

  /// The penalty at a batch of images.
  ///
  /// - Parameters:
  ///   - network: Describes the critic, which has no batch normalisation.
  ///   - images: The points x̂ in NCHW order, outside any graph.
  ///   - weights: The parameters by name.
  ///   - method: How to differentiate; both give the same gradient up to rounding.
  /// - Throws: ``TorchError``.
  package init(
    of network: WGANNetwork, at images: Tensor, weights: [String: Tensor], method: Method = .frozenPattern
  ) throws(TorchError) {
    precondition(!network.normalisesCritic, "a gradient penalty needs a score that depends on one image alone")
    var pass = LayerPass(weights, prefix: "critic", recording: method == .frozenPattern)
    let point = try images.detached(requiresGradient: true)
    let scores = try network.score(point, &pass)
    let gradient = try scores.gradients([point], differentiable: method == .doubleBackward)[0]
    let norms = try (gradient * gradient).sum(over: [1, 2, 3], keeping: true).squareRoot()
    let excess = try norms + -1
    switch method {
    case .doubleBackward:
      surrogate = try (excess * excess).sum()
    case .frozenPattern:
      // Where the gradient vanishes every direction is a subgradient of the norm; 0 is taken.
      let direction = try gradient / norms.clamped(atLeast: 1e-30)
      var tangent = LayerPass(tangentOf: pass)
      let slopes = try network.score(direction, &tangent)
      surrogate = try (slopes * excess.reshaped([-1]) * 2).sum()
    }
    let values = try norms.doubles()
    value = values.reduce(0) { $0 + ($1 - 1) * ($1 - 1) }
    meanNorm = values.reduce(0, +) / Double(max(values.count, 1))
  }
}
