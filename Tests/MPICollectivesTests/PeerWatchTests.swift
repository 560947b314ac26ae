import MPICollectives
import Testing

@Suite struct PeerWatchTests {
  /// The first of the times at which the worker before is missed.
  private func firstMiss(of watch: inout PeerWatch, from start: Double, by interval: Double) -> Double? {
    for step in 0..<200 {
      let time = start + Double(step) * interval
      if watch.missesPrevious(at: time) { return time }
    }
    return nil
  }

  @Test("The worker before is missed after its silence, and no other")
  func silence() {
    var watch = PeerWatch(rank: 0, worldSize: 3, silence: 10, at: 100)
    #expect(watch.next == 1 && watch.previous == 2)
    watch.hear(from: 2, at: 101)
    watch.hear(from: 1, at: 102)
    #expect(firstMiss(of: &watch, from: 101, by: 0.5) == 111.5)
  }

  @Test("A heartbeat is due every second")
  func heartbeats() {
    var watch = PeerWatch(rank: 0, worldSize: 3, silence: 10, at: 100)
    var beats: [Double] = []
    for time in stride(from: 100.0, through: 105, by: 0.125) where watch.beats(at: time) { beats.append(time) }
    #expect(beats == [101, 102, 103, 104, 105])
  }

  @Test("A worker that was itself stopped listens before it misses anybody")
  func ownSilence() {
    var watch = PeerWatch(rank: 1, worldSize: 2, silence: 2, at: 0)
    #expect(firstMiss(of: &watch, from: 60, by: 0.25) == 62.25)
  }

  @Test("One worker alone misses nobody")
  func alone() {
    var watch = PeerWatch(rank: 0, worldSize: 1, silence: 1, at: 0)
    #expect(firstMiss(of: &watch, from: 0, by: 0.125) == nil)
    let beats = watch.beats(at: 30)
    #expect(!beats)
  }
}
