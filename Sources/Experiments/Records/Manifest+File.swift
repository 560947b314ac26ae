extension Manifest {
  /// More workers than any run has; a manifest that claims more is damaged.
  private static let workerLimit = 1 << 20

  /// Writes the manifest, whole or not at all.
  ///
  /// - Parameter path: The file.
  /// - Throws: ``RunFileError``.
  public func write(to path: String) throws(RunFileError) {
    var bytes: [UInt8]
    do {
      bytes = try CanonicalJSON.encode(self, pretty: true)
    } catch {
      throw .malformed(path: path, line: nil, reason: "the manifest cannot be encoded: \(error)")
    }
    bytes.append(0x0A)
    try AtomicFile.write(bytes, to: path)
  }

  /// Reads a manifest.
  ///
  /// - Parameter path: The file.
  /// - Throws: ``RunFileError``.
  public init(path: String) throws(RunFileError) {
    struct Version: Decodable { let formatVersion: Int }
    let bytes = try WholeFile.read(path, hint: "the manifest of a run was expected; is this the folder of a run?")
    do {
      let version = try CanonicalJSON.decode(Version.self, from: bytes).formatVersion
      guard version == Self.currentFormatVersion else {
        throw RunFileError.unsupportedVersion(path: path, found: version, supported: Self.currentFormatVersion)
      }
      self = try CanonicalJSON.decode(Manifest.self, from: bytes)
      guard (1...Self.workerLimit).contains(workers), dimension > 0 else {
        throw RunFileError.malformed(
          path: path, line: nil, reason: "\(workers) workers with \(dimension) coordinates are no run")
      }
    } catch let error as RunFileError {
      throw error
    } catch {
      throw .malformed(path: path, line: nil, reason: CanonicalJSON.reason(error))
    }
  }
}
