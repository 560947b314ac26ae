import Foundation

/// What one exchange scheme took on one network.
package struct NetworkResult: Codable, Sendable {
  /// The scheme in the words of tables.
  package var scheme: String
  /// K.
  package var workers: Int
  /// The coordinates of a vector.
  package var parameters: Int
  /// The nominal speed of every worker's link in bits per second, nil where it was not said.
  package var linkBitsPerSecond: Double?
  /// Exchanges that were timed.
  package var repetitions: Int
  /// The median over exchanges of the time of the slowest rank.
  package var seconds: Double
  /// The least of these times.
  package var leastSeconds: Double
  /// Payload that a worker receives in an exchange: what rank 0 sends, as all send alike by the traffic report; of the
  /// library's all-reduce as a ring has it.
  package var receivedBytes: Double
  /// Payload that rank 0 sent in an exchange.
  package var sentBytes: Double
  /// Bytes that left rank 0's network interface in an exchange, headers and all, as the system counts; nil where no
  /// interface was named.
  package var interfaceBytes: Double?
  /// The seconds that the model predicts on rank 0 from what plain bytes and the codec alone took; nil for full precision.
  package var predictedSeconds: Double?
  /// The seconds that it predicts from the nominal speed of the link, nil where that was not said.
  package var predictedFromLink: Double?
  /// The seconds of the codec alone, all ranks at once; nil for full precision.
  package var codecSeconds: Double?
  /// The processor seconds of a worker for a byte of plain messages that it sends or receives; nil for a worker alone.
  package var transportCost: Double?

  /// Bits of payload that a worker received in a second.
  package var goodput: Double { 8 * receivedBytes / seconds }
}

extension NetworkResult {
  /// Appends this result to a file, as one JSON object on a line.
  ///
  /// - Parameter path: The file; a missing one is begun.
  /// - Throws: ``RunFileError``.
  package func append(to path: String) throws {
    let file = try OpenFile(path: path, flags: O_APPEND)
    try file.write(try CanonicalJSON.encode(self) + [0x0A])
  }

  /// Reads what ``NetworkRun`` wrote: one JSON object a line.
  ///
  /// - Parameter path: The file.
  /// - Returns: The results in the order of the lines.
  /// - Throws: ``RunFileError`` where the file cannot be read or a line is no result.
  package static func read(_ path: String) throws -> [NetworkResult] {
    let hint = "expected what 'lamina bench network --out' writes"
    let text = String(decoding: try WholeFile.read(path, hint: hint), as: UTF8.self)
    return try text.split(separator: "\n").enumerated().map { number, line in
      do { return try JSONDecoder().decode(NetworkResult.self, from: Data(line.utf8)) } catch {
        throw RunFileError.malformed(path: path, line: number + 1, reason: hint)
      }
    }
  }
}
