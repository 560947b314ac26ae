import MPICollectives
import Testing

@Suite struct PeerWatchTests {
  @Test("The worker before is missed after its silence, and a heartbeat is due every second")
  func silence() {
    var watch = PeerWatch(rank: 0, worldSize: 3, silence: 10, at: 100)
    #expect(watch.next == 1 && watch.previous == 2)
    var beats = 0
    for time in stride(from: 100.0, through: 105, by: 0.125) {
      if watch.beats(at: time) { beats += 1 }
      #expect(!watch.missesPrevious(at: time))
    }
    #expect(beats == 5)
    watch.hear(from: 1, at: 105)
    watch.hear(from: 2, at: 104)
    for time in stride(from: 105.0, through: 114, by: 1) { #expect(!watch.missesPrevious(at: time)) }
    #expect(watch.missesPrevious(at: 114.5))
  }

  @Test("A worker that was itself stopped listens before it misses anybody")
  func ownSilence() {
    var watch = PeerWatch(rank: 1, worldSize: 2, silence: 2, at: 0)
    #expect(!watch.missesPrevious(at: 60))
    #expect(!watch.missesPrevious(at: 60.4))
    watch.hear(from: 0, at: 60.5)
    for time in stride(from: 60.5, through: 62.5, by: 0.25) { #expect(!watch.missesPrevious(at: time)) }
    #expect(watch.missesPrevious(at: 62.75))
  }

  @Test("One worker alone misses nobody")
  func alone() {
    var watch = PeerWatch(rank: 0, worldSize: 1, silence: 1, at: 0)
    for time in stride(from: 0.0, through: 10, by: 0.125) {
      #expect(!watch.beats(at: time))
      #expect(!watch.missesPrevious(at: time))
    }
  }
}
