import Collectives
import Experiments
import Foundation
import Testing

@Suite("Timed exchanges")
struct NetworkRunTests {
  @Test("Every scheme is timed, sends what it reports, and reads back from its file")
  func results() throws {
    let workers = 3
    let schemes = Advice.schemes(levelBits: [5], ditheredBits: [3]).filter { $0 != .allReduce(bits: 16) }
    let dimension = 20_000
    let results = try InProcessCollective.run(worldSize: workers) { group -> [NetworkResult] in
      var options = NetworkOptions()
      options.secondsEach = 0
      options.linkBitsPerSecond = 1e9
      var run = try NetworkRun(group: group, options: options) { values in
        // The sum of all, by way of exact messages.
        let bytes = values.withUnsafeBytes { Array($0) }
        let messages = try group.allGather(bytes)
        for i in values.indices {
          values[i] = messages.reduce(0) { sum, message in
            sum + message.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 4 * i, as: Float.self) }
          }
        }
      }
      return try schemes.compactMap { try run.measure($0, dimension: dimension) }
    }
    for (rank, own) in results.enumerated() {
      #expect(own.map(\.scheme) == schemes.map(\.title), "rank \(rank)")
      #expect(own.map(\.seconds) == results[0].map(\.seconds), "the slowest rank counts on all")
      for result in own {
        #expect(result.repetitions == 3 && result.seconds >= result.leastSeconds && result.leastSeconds > 0)
        #expect(result.receivedBytes > 0 && result.interfaceBytes == nil)
        let isFull = result.scheme == schemes[0].title
        #expect(rank == 0 ? (result.predictedFromLink ?? 0) > 0 : result.predictedFromLink == nil, "rank 0 predicts")
        #expect(rank == 0 && !isFull ? (result.predictedSeconds ?? 0) > 0 : result.predictedSeconds == nil)
        #expect(rank == 0 && !isFull ? (result.codecSeconds ?? 0) > 0 : result.codecSeconds == nil)
      }
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "network.jsonl").path
    for result in results[0] { try result.append(to: path) }
    let read = try NetworkResult.read(path)
    #expect(read.map(\.seconds) == results[0].map(\.seconds))
    let text = NetworkTable(read).text
    #expect(text.hasPrefix("3 workers, 1 Gbit/s, 20,000 coordinates, ") && text.contains("full precision"))
    #expect(NetworkPlot(read).svg(command: "lamina").contains("3 workers, 20,000 coordinates"))
    try Data("{\"scheme\": 7}\n".utf8).write(to: URL(filePath: path))
    #expect(throws: RunFileError.self) { try NetworkResult.read(path) }
  }
}
