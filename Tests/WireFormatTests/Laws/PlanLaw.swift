import Quantization
import WireFormat

/// Bytes that are a plan are its canonical bytes, and the plan serves to write and read frames.
enum PlanLaw {
  static func check(_ bytes: inout InputBytes) throws(BrokenLaw) {
    let encoded = bytes.remainder()
    let plan: QuantizationPlan
    do { plan = try QuantizationPlan(decoding: encoded[...]) } catch {
      try hold(!error.description.isEmpty, "An error says nothing")
      return
    }
    try hold(plan.encoded() == encoded, "The encoding is not canonical")
    let prepared = PreparedPlan(plan)
    for type in plan.quantizedTypes {
      try hold(
        prepared.codeLengths(of: type).allSatisfy { $0 >= 0 && $0.isFinite }, "A codeword of '\(type)' has no length")
    }
    guard plan.map.dimension <= 4096 else { return }
    try RoundTripLaw.check(plan, plainVector(count: plan.map.dimension, seed: 1))
  }
}
