public import Collectives
import Foundation
import GradientExchange
import LaminaNumerics
import Quantization
import WireFormat

/// Times exchanges of Gaussian vectors between the workers of a group.
///
/// All ranks call the same functions in the same order. Ranks start each exchange together, and the slowest one counts.
package struct NetworkRun<Group: Collective> {
  /// A sum over all ranks by other means, to compare with: the all-reduce of the MPI library.
  package typealias AllReduce = (_ values: inout [Float]) throws -> Void

  private let group: Group
  private let allReduce: AllReduce?
  private let options: NetworkOptions
  private var codecs: [CodecKind: CodecCost] = [:]
  /// What calls of plain bytes take; nil for a worker alone.
  package let network: MeasuredNetwork?

  /// A run in `group`; measures what the model needs of the group.
  ///
  /// - Parameters:
  ///   - group: The workers.
  ///   - options: What to time, the same on all ranks.
  ///   - allReduce: The all-reduce of full precision; without it there is none.
  /// - Throws: What the group threw.
  package init(group: Group, options: NetworkOptions, allReduce: AllReduce?) throws {
    self.group = group
    self.options = options
    self.allReduce = allReduce
    network = group.worldSize > 1 ? try MeasuredNetwork(measuring: group) : nil
  }

  /// Times one scheme.
  ///
  /// - Parameters:
  ///   - scheme: The scheme.
  ///   - dimension: The coordinates of the vector.
  /// - Returns: The result, whose times are the same on all ranks; nil for full precision without an all-reduce.
  /// - Throws: What an exchange threw.
  package mutating func measure(_ scheme: ExchangeScheme, dimension: Int) throws -> NetworkResult? {
    let vector = DistortionSource.gaussian.sample(count: dimension, key: RandomKey(seed: UInt64(group.rank)))
    let counter = options.interface.map(InterfaceCounter.init)
    let timing: Timing
    var codec = 0.0
    switch scheme {
    case .allReduce(let bits):
      guard bits == 32, let allReduce else { return nil }
      timing = try time(counter, sentBytes: { 0 }) { _ in
        var values = vector
        try allReduce(&values)
      }
    case .levels(_, let reduction), .dithered(_, let reduction):
      guard let kind = scheme.codec else { return nil }
      let map = try LayerMap([Layer(name: "vector", type: .linear, range: 0..<dimension)])
      let plan = try QuantizationPlan(map: map, plans: [.linear: kind.plan], seed: 1)
      let options = ExchangeOptions(reduction: reduction)
      codec = try codecSeconds(of: vector, plan, options)
      var exchange = QuantizedExchange(plan: plan, group: group, options: options)
      var mean = [Float](repeating: 0, count: dimension)
      timing = try time(counter, sentBytes: { exchange.traffic.sentBytes }) { step in
        _ = try exchange.average(vector, step: step, into: &mean)
      }
    }
    var result = result(scheme, dimension, timing)
    try predict(scheme, codec: codec, for: &result)
    return result
  }

  /// What an exchange takes of the processors for the codec, all ranks at once, when all that others send is there.
  private func codecSeconds(
    of vector: [Float], _ plan: QuantizationPlan, _ options: ExchangeOptions
  ) throws -> Double {
    let replay = ReplayCollective(group)
    var exchange = QuantizedExchange(plan: plan, group: replay, options: options)
    var mean = [Float](repeating: 0, count: vector.count)
    _ = try exchange.average(vector, step: 0, into: &mean)
    var seconds: [Double] = []
    while seconds.count < 7 {
      replay.rewind()
      try group.barrier()
      let start = ContinuousClock.now
      _ = try exchange.average(vector, step: 0, into: &mean)
      let own = start.duration(to: .now).inSeconds
      seconds.append(try group.everyone(own).max() ?? own)
    }
    return seconds.sorted()[seconds.count / 2]
  }

  private struct Timing {
    var seconds: [Double] = []
    var sentBytes = 0.0
    var interfaceBytes: Double?
  }

  /// Repeats an exchange until the time is over, at least three times; the first is not counted.
  private func time(
    _ counter: InterfaceCounter?, sentBytes: () -> Int, _ body: (UInt64) throws -> Void
  ) throws -> Timing {
    var timing = Timing()
    var total = 0.0
    try body(0)
    try group.barrier()
    let (before, sentBefore) = (counter?.sentBytes, sentBytes())
    var step: UInt64 = 1
    while timing.seconds.count < 3 || (total < options.secondsEach && timing.seconds.count < options.mostRepetitions) {
      try group.barrier()
      let start = ContinuousClock.now
      try body(step)
      let own = start.duration(to: .now).inSeconds
      let slowest = try group.everyone(own).max() ?? own
      timing.seconds.append(slowest)
      total += slowest
      step += 1
    }
    let count = Double(timing.seconds.count)
    timing.sentBytes = Double(sentBytes() - sentBefore) / count
    if let before, let after = counter?.sentBytes { timing.interfaceBytes = Double(after - before) / count }
    return timing
  }

  private func result(
    _ scheme: ExchangeScheme, _ dimension: Int, _ timing: Timing
  ) -> NetworkResult {
    let sorted = timing.seconds.sorted()
    let share = 2 * Double(group.worldSize - 1) / Double(group.worldSize)
    var sent = timing.sentBytes
    if case .allReduce = scheme { sent = share * 4 * Double(dimension) }
    return NetworkResult(
      scheme: scheme.title, workers: group.worldSize, parameters: dimension,
      linkBitsPerSecond: options.linkBitsPerSecond, repetitions: sorted.count, seconds: sorted[sorted.count / 2],
      leastSeconds: sorted[0], receivedBytes: sent, sentBytes: sent, interfaceBytes: timing.interfaceBytes)
  }

  /// What the model says, on rank 0: of the network as measured, with the codec of all ranks at once; and of the link as
  /// given, with the codec that it measures while the others, which may share its cores, rest.
  private mutating func predict(_ scheme: ExchangeScheme, codec: Double, for result: inout NetworkResult) throws {
    try group.barrier()
    if let kind = scheme.codec, codecs[kind] == nil, group.rank == 0 {
      codecs[kind] = try CodecCost(measuring: kind, count: 1 << 20)
    }
    try group.barrier()
    guard group.rank == 0, let network else { return }
    result.transportCost = network.transport
    let small = network.call(length: 0).busy
    let speed = options.linkBitsPerSecond ?? .infinity
    var model = StepModel(
      dimension: result.parameters, workers: group.worldSize,
      link: LinkModel(
        latency: small / Double(group.worldSize - 1), bandwidth: speed / 8 * StepModel.payloadShare),
      compute: 0, workersPerCore: Double(options.workersPerMachine ?? 1) / Double(Self.cores), codecs: codecs)
    model.transport = network.transport
    if speed.isFinite { result.predictedFromLink = model.prediction(for: scheme)?.exchange }
    guard scheme.codec != nil else { return }
    result.codecSeconds = codec
    model.measured = network
    // Between two exchanges lie a barrier and the gathering of the time, which leave the network to rest.
    model.compute = 2 * small
    result.predictedSeconds = model.prediction(for: scheme, codecSeconds: codec)?.exchange
  }

  private static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }
}

/// What a ``NetworkRun`` times.
package struct NetworkOptions: Sendable {
  /// The nominal speed of each worker's link, for predictions.
  package var linkBitsPerSecond: Double?
  /// The network interface whose counter is read.
  package var interface: String?
  /// How many workers share the processor of one machine, for predictions.
  package var workersPerMachine: Int?
  /// The seconds to spend on one scheme.
  package var secondsEach = 3.0
  /// The most exchanges of one scheme.
  package var mostRepetitions = 50

  /// Options for an unknown network.
  package init() {}
}

/// The system's count of what left a network interface.
struct InterfaceCounter {
  private let path: String

  init(_ interface: String) { path = "/sys/class/net/\(interface)/statistics/tx_bytes" }

  /// Bytes since the interface exists, nil where there is no such interface.
  var sentBytes: Int? {
    (try? String(contentsOfFile: path, encoding: .utf8)).flatMap {
      Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
    }
  }
}
