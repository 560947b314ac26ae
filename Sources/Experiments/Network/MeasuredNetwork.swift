package import Collectives
import Foundation

/// How long calls of plain bytes take between the workers of a group: the link, the transport's work on the processors,
/// and what the workers' messages do to each other, all in one.
///
/// A call carries a message of one length from every worker to every other. Its time is measured twice: in a row of calls,
/// where the network hardly rests, and alone after a rest, when a shaper, such as a token bucket, lets the first bytes
/// pass at more than its rate. Lengths in between are interpolated.
package struct MeasuredNetwork: Hashable, Sendable, Codable {
  /// The times of a call with messages of one length.
  package struct Point: Hashable, Sendable, Codable {
    /// The bytes that each worker sends to each other.
    package var length: Int
    /// Seconds, when calls follow each other without rest.
    package var busy: Double
    /// Seconds after a rest, at most `busy`.
    package var rested: Double

    /// The times of a call.
    package init(length: Int, busy: Double, rested: Double) {
      self.length = length
      self.busy = busy
      self.rested = min(rested, busy)
    }
  }

  /// K.
  package let workers: Int
  /// By length, at least one.
  package let points: [Point]
  /// The processor seconds of a worker for a byte that it sends or receives.
  package let transport: Double

  /// A network that was measured.
  ///
  /// - Parameters:
  ///   - workers: K.
  ///   - points: At least one, of different lengths.
  ///   - transport: The processor seconds of a worker for a byte that it sends or receives, not negative.
  package init(workers: Int, points: [Point], transport: Double) {
    precondition(!points.isEmpty && transport >= 0, "A measured network has a call that was timed")
    self.workers = workers
    self.points = points.sorted { $0.length < $1.length }
    self.transport = transport
  }

  /// The most seconds that a rest saves: what the burst of a shaper carries beyond the rate.
  ///
  /// Of calls that carry more than ``longestBurst`` only the noise would be larger.
  package var burst: Double {
    points.filter { (workers - 1) * $0.length <= Self.longestBurst }.map { $0.busy - $0.rested }.max() ?? 0
  }

  private static let longestBurst = 1 << 21

  /// The times of a call, interpolated, and beyond the longest extrapolated.
  ///
  /// - Parameter length: The bytes that each worker sends to each other.
  /// - Returns: The times.
  package func call(length: Double) -> Point {
    guard let first = points.first, length > Double(first.length), points.count > 1 else { return points[0] }
    let upper = points.firstIndex { Double($0.length) >= length } ?? points.count - 1
    let (a, b) = (points[upper - 1], points[upper])
    let place = (length - Double(a.length)) / Double(b.length - a.length)
    let busy = a.busy + place * max(0, b.busy - a.busy)
    // What a rest saves does not grow with the message any more.
    let rested = place > 1 ? busy - (b.busy - b.rested) : a.rested + place * (b.rested - a.rested)
    return Point(length: Int(length), busy: busy, rested: rested)
  }
}

extension MeasuredNetwork {
  /// Long enough to fill the buckets of usual shapers, in seconds.
  private static let rest = 0.03
  /// What messages of one length are timed for, in seconds.
  private static let patience = 0.3
  /// Lengths in bytes: from what travels with the announcement of a call, up to long messages, whose time is
  /// proportional to their length.
  private static let lengths = [4, 1 << 11, 1 << 13, 1 << 15, 1 << 17, 1 << 19, 1 << 21]
  /// Messages so long that what they cost is for their bytes, and so short that nobody waits for the link.
  private static let transportLength = 1 << 15

  /// Measures a group; all ranks call it together.
  ///
  /// - Parameter group: The workers, at least two.
  /// - Throws: What the group threw.
  package init<Group: Collective>(measuring group: Group) throws {
    var points: [Point] = []
    var transport = 0.0
    for length in Self.lengths {
      let message = [UInt8](repeating: 0xA5, count: length)
      let rested = try Self.rested(message, group)
      points.append(Point(length: length, busy: try Self.busy(message, group), rested: rested.seconds))
      if length == Self.transportLength {
        transport = rested.processor / (2 * Double(group.worldSize - 1) * Double(length))
      }
    }
    self.init(workers: group.worldSize, points: points, transport: transport)
  }

  /// The median time of a call after a rest, and the mean processor time that a rank spends on it.
  private static func rested<Group: Collective>(
    _ message: [UInt8], _ group: Group
  ) throws -> (seconds: Double, processor: Double) {
    var calls: [(seconds: Double, processor: Double)] = []
    var total = 0.0
    while calls.count < 2 || (calls.count < 9 && total < patience) {
      Thread.sleep(forTimeInterval: rest)
      try group.barrier()
      let (start, before) = (ContinuousClock.now, ProcessorTime.now)
      _ = try group.allGather(message)
      let (own, used) = (start.duration(to: .now).inSeconds, ProcessorTime.now - before)
      let seconds = try group.everyone(own).max() ?? own
      calls.append((seconds, try group.everyone(used).reduce(0, +) / Double(group.worldSize)))
      total += seconds
    }
    let middle = calls.count / 2
    return (calls.map(\.seconds).sorted()[middle], calls.map(\.processor).sorted()[middle])
  }

  /// The median over parts of a row of calls of the slowest rank's time for one call.
  private static func busy<Group: Collective>(_ message: [UInt8], _ group: Group) throws -> Double {
    try group.barrier()
    func row(_ count: Int) throws -> Double {
      var seconds = 0.0
      for _ in 0..<count {
        // Ranks that run ahead of others would meet the messages of another call.
        try group.barrier()
        let start = ContinuousClock.now
        _ = try group.allGather(message)
        seconds += start.duration(to: .now).inSeconds
      }
      return seconds / Double(count)
    }
    // Also uses up what a rest has saved.
    let guess = try group.everyone(try row(2)).max() ?? 1
    let parts = 3
    let count = min(max(Int(patience / guess / Double(parts)), 1), 64)
    let slowest = try (0..<parts).map { _ in try row(count) }.map { try group.everyone($0).max() ?? $0 }
    return slowest.sorted()[parts / 2]
  }
}

extension Collective {
  /// What every rank has to say, in rank order.
  func everyone(_ value: Double) throws(CollectiveError) -> [Double] {
    let message = withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init)
    return try allGather(message).map { bytes in
      Double(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }
  }
}

/// The time that processors have spent on this process, in user code and in the kernel.
enum ProcessorTime {
  /// Seconds.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
