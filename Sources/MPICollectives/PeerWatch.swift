/// Who has given a sign of life, and when this worker has to give one.
///
/// Workers stand in a ring: each sends heartbeats to the next, and watches the one before. Every message is a sign of
/// life.
package struct PeerWatch {
  package let rank: Int
  package let worldSize: Int
  /// The seconds of silence after which the worker before is lost.
  package let silence: Double
  /// The seconds between two heartbeats, a fifth of the shortest silence that any worker bears.
  package var interval: Double

  private var lastBeat: Double
  private var lastLook: Double
  private var lastHeard: Double

  package init(rank: Int, worldSize: Int, silence: Double, at now: Double) {
    self.rank = rank
    self.worldSize = worldSize
    self.silence = silence
    interval = min(1, silence / 5)
    lastBeat = now
    lastLook = now
    lastHeard = now
  }

  package var next: Int { (rank + 1) % worldSize }
  package var previous: Int { (rank + worldSize - 1) % worldSize }

  /// Notes a sign of life.
  package mutating func hear(from peer: Int, at now: Double) {
    if peer == previous { lastHeard = now }
  }

  /// Whether a heartbeat is due, which is then taken as sent.
  package mutating func beats(at now: Double) -> Bool {
    guard worldSize > 1, now - lastBeat >= interval else { return false }
    lastBeat = now
    return true
  }

  /// Whether the worker before has been silent for too long, after all that it sent has been heard.
  ///
  /// A worker that was itself stopped, or had no turn for long, first listens for as long as it bears silence.
  package mutating func missesPrevious(at now: Double) -> Bool {
    if now - lastLook > silence / 4 { lastHeard = now }
    lastLook = now
    return worldSize > 1 && now - lastHeard > silence
  }
}
