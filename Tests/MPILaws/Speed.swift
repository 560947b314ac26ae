import Collectives
import MPICollectives

/// How long calls take: the latency of tiny messages, and the bytes per second of long ones.
enum Speed {
  static func measure() {
    do {
      try withMPI { group in
        let tiny = try seconds(group, calls: 5_000, length: 8)
        let long = try seconds(group, calls: 100, length: 4 << 20)
        guard group.rank == 0 else { return }
        let received = Double((group.worldSize - 1) * (4 << 20))
        print("\(group.worldSize) workers: all-gather of 8 bytes \(tiny * 1e6) us")
        print(
          "\(group.worldSize) workers: all-gather of 4 MiB \(long * 1e3) ms, \(received / long * 8e-9) Gbit/s received")
      }
    } catch {
      print("error: \(error)")
    }
  }

  /// The mean time of a call.
  private static func seconds(_ group: MPICollective, calls: Int, length: Int) throws -> Double {
    let message = [UInt8](repeating: 1, count: length)
    try group.barrier()
    let start = ContinuousClock.now
    for _ in 0..<calls { _ = try group.allGather(message) }
    let elapsed = start.duration(to: .now).components
    return (Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18) / Double(calls)
  }
}
