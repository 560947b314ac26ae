import Quantization
import WireFormat

/// What one rank observed for the choice of dithered steps, and what a root makes of everybody's.
///
/// Magnitudes are observed in units of the vector's scale, and the frames' sizes beside them: what a frame takes beyond
/// the entropy of its integers (tables, lanes, headers) is overhead that the budget must pay, too. Of every exchange one
/// coordinate in five is looked at, another fifth the next time: far more than the entropy needs, and five divides no
/// usual size of a row or a kernel.
struct StepStatistics: Sendable, Codable {
  private var magnitudes: [String: MagnitudeHistogram] = [:]
  private var frameBits: UInt64 = 0
  private var frames: UInt64 = 0

  /// No observations, nil where no type has a step relative to the vector's scale.
  init?(plan: QuantizationPlan) {
    let types = Self.types(of: plan)
    guard !types.isEmpty else { return nil }
    for type in types { magnitudes[type.rawValue] = MagnitudeHistogram() }
  }

  /// The types whose steps are chosen together: those that share the scale of the vector.
  private static func types(of plan: QuantizationPlan) -> [LayerType] {
    plan.ditheredTypes.filter { plan.plans[$0]?.ditheredQuantizer?.scope == .vector }
  }

  /// Adds coordinates of a layer; without an ordinary scale there is nothing to learn.
  ///
  /// - Parameters:
  ///   - values: The coordinates of the vector.
  ///   - range: Those of the layer.
  ///   - type: The type of the layer.
  ///   - scale: The scale of the vector.
  mutating func observe(_ values: UnsafeBufferPointer<Float>, _ range: Range<Int>, type: LayerType, scale: Float) {
    guard LevelSymbols.isOrdinary(scale) else { return }
    let phase = (Int(frames % UInt64(Self.turns)) + Self.turns - range.lowerBound % Self.turns) % Self.turns
    guard phase < range.count else { return }
    magnitudes[type.rawValue]?.observe(
      values, places: range.lowerBound + phase..<range.upperBound, by: Self.turns, unit: scale)
  }

  /// In how many exchanges every coordinate is looked at once.
  private static let turns = 5

  /// Adds the size of a frame.
  mutating func observe(frameBits bits: Int) {
    frameBits += UInt64(bits)
    frames += 1
  }

  /// Forgets what was observed.
  mutating func startWindow() {
    for type in magnitudes.keys { magnitudes[type] = MagnitudeHistogram() }
    frameBits = 0
    frames = 0
  }

  /// Appends the sizes, then the histogram of each type behind its length, in the order of the types' names.
  func encode(to writer: inout ByteWriter) {
    writer.append(frameBits)
    writer.append(frames)
    for (_, histogram) in magnitudes.sorted(by: { $0.key < $1.key }) {
      let bytes = histogram.encoded()
      writer.append(UInt32(bytes.count))
      writer.append(bytes)
    }
  }

  /// Adds what another rank encoded.
  mutating func merge(_ reader: inout ByteReader) throws(StatisticsError) {
    do {
      frameBits &+= try reader.next(UInt64.self)
      frames &+= try reader.next(UInt64.self)
    } catch { throw .truncated }
    for type in magnitudes.keys.sorted() {
      let bytes: ArraySlice<UInt8>
      do { bytes = try reader.slice(Int(try reader.next(UInt32.self))) } catch { throw .truncated }
      magnitudes[type]?.merge(try MagnitudeHistogram(decoding: bytes))
    }
  }

  /// The plans that spend `bits` per coordinate of the whole vector, everything counted; none where nothing is known yet.
  func adapted(_ plan: QuantizationPlan, bits: Double) -> [LayerType: LayerPlan] {
    let counts = plan.map.counts
    let parts = Self.types(of: plan).compactMap { type -> ReverseWaterFilling.Part? in
      guard let histogram = magnitudes[type.rawValue], !histogram.isEmpty, let count = counts[type] else { return nil }
      return ReverseWaterFilling.Part(type: type, coordinates: count, statistics: histogram)
    }
    guard !parts.isEmpty, frames > 0, let filling = try? ReverseWaterFilling(parts) else { return [:] }
    // What the last steps cost beyond their entropy, exact layers among it.
    let measured = Double(frameBits) / Double(frames)
    let predicted = parts.reduce(0) { sum, part in
      guard case .relative(let factor, _)? = plan.plans[part.type]?.ditheredQuantizer?.step else { return sum }
      return sum + Double(part.coordinates) * part.statistics.entropyBits(step: Double(factor))
    }
    let total = Double(plan.map.dimension)
    let budget = ModelBudget(
      bitsPerCoordinate: bits * total / Double(parts.reduce(0) { $0 + $1.coordinates }),
      overheadBits: max(0, measured - predicted))
    guard let allocation = try? filling.allocation(within: budget) else { return [:] }
    var plans: [LayerType: LayerPlan] = [:]
    for share in allocation.shares {
      let range = DitheredQuantizer.relativeSteps
      let factor = min(max(Float(share.step), range.lowerBound), range.upperBound)
      plans[share.type] = .dithered(DitheredQuantizer(step: .relative(factor, .vector)))
    }
    return plans
  }
}
