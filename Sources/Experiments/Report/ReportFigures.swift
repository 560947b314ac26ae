import Collectives
import GradientExchange

/// The figures of one run that a comparison puts side by side.
public struct ReportFigures: Hashable, Sendable, Codable {
  /// Steps done.
  public var steps: Double
  /// Bits that a worker sent per coordinate and step, everything counted; the mean over the steps.
  public var bitsPerCoordinate: Double
  /// Bytes that a worker sent per step; the mean over the steps.
  public var bytesPerStep: Double
  /// How many times fewer bytes than at full precision.
  public var trafficRatio: Double
  /// Mean seconds of a step in the oracle.
  public var compute: Double?
  /// Mean seconds of a step in quantizing and coding.
  public var encode: Double?
  /// Mean seconds of a step in the collective.
  public var exchange: Double?
  /// Mean seconds of a step in decoding.
  public var decode: Double?
  /// Mean seconds of a step in the solver.
  public var solver: Double?
  /// Mean seconds of a step.
  public var total: Double?
  /// The share of a step that encoding and decoding take, from 0 to 1.
  public var codingShare: Double?
  /// The share of encoding and decoding in a step without its exchange, which is mostly waiting, from 0 to 1.
  public var busyCodingShare: Double?
  /// Modelled seconds of the exchange on the link.
  public var modelledExchange: Double
  /// Measured seconds of a step without its exchange, plus the modelled exchange.
  public var modelledTotal: Double?
  /// The generator's loss, the mean of the last tenth of the steps.
  public var lossGenerator: Double
  /// The critic's loss, the mean of the last tenth of the steps.
  public var lossCritic: Double
  /// The relative squared error of quantization, the mean of the steps at which it was measured.
  public var normalizedError: Double?
  /// The last Fréchet distance on pixels.
  public var pixelFrechet: Double?
  /// The last Fréchet distance on features.
  public var featureFrechet: Double?
  /// The distance on pixels between real images.
  public var pixelFloor: Double?
  /// The distance on features between real images.
  public var featureFloor: Double?
  /// The largest resident memory, in bytes.
  public var peakMemory: Double?

  /// The figures of a run.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - fullPrecisionBytes: Bytes that a worker sends per step at full precision.
  ///   - link: The link of the modelled figures.
  init(of run: ReportRun, fullPrecisionBytes: Double, link: LinkModel) {
    let records = run.records.steps
    let late = records.suffix(max(1, records.count / 10))
    steps = Double(records.last?.step ?? 0)
    bitsPerCoordinate = Self.mean(records.map(\.bitsPerCoordinate)) ?? 0
    bytesPerStep = Self.mean(records.map(\.bytes)) ?? 0
    trafficRatio = fullPrecisionBytes / bytesPerStep
    lossGenerator = Self.mean(late.map(\.lossGenerator)) ?? 0
    lossCritic = Self.mean(late.map(\.lossCritic)) ?? 0
    normalizedError = Self.mean(records.compactMap(\.normalizedError))
    pixelFrechet = run.records.evaluations.last?.pixelFrechet
    featureFrechet = run.records.evaluations.last?.featureFrechet
    pixelFloor = run.records.floor?.pixelFrechet
    featureFloor = run.records.floor?.featureFrechet

    compute = Self.mean(run.timings.map(\.compute))
    encode = Self.mean(run.timings.map(\.encode))
    exchange = Self.mean(run.timings.map(\.exchange))
    decode = Self.mean(run.timings.map(\.decode))
    solver = Self.mean(run.timings.map(\.solver))
    total = Self.mean(run.timings.map(\.total))
    peakMemory = run.timings.compactMap(\.peakMemory).max().map { Double($0) }
    modelledExchange = Self.exchangeSeconds(of: run, bytesPerStep: bytesPerStep, link: link)
    if let total, let exchange, let encode, let decode {
      codingShare = (encode + decode) / total
      busyCodingShare = total > exchange ? (encode + decode) / (total - exchange) : nil
      modelledTotal = total - exchange + modelledExchange
    }
  }

  /// A ring all-gather of what a worker encodes in a step; or, under a scatter-reduce, of what it sends of that: of a
  /// vector and a mean of 1/K as many bytes it sends (K − 1)/K and K − 1 times the mean.
  private static func exchangeSeconds(of run: ReportRun, bytesPerStep: Double, link: LinkModel) -> Double {
    let workers = max(1, run.manifest.workers)
    let bytes = wholeBytes(bytesPerStep)
    guard run.manifest.spec["reduction"] == .string(Reduction.scatterReduce.rawValue) else {
      return link.allGatherSeconds(lengths: [Int](repeating: bytes, count: workers))
    }
    let sent = 2 * (workers - 1) * bytes / (workers + 1)
    return link.allToAllSeconds(worldSize: 2 * workers - 1, sent: sent, received: sent)
  }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// Records come from files, where a number of bytes may be any number.
  private static func wholeBytes(_ bytes: Double) -> Int { bytes > 0 ? Int(min(bytes, 1e15).rounded()) : 0 }
}
