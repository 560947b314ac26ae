/// A value on disk, from which a run goes on bit for bit.
public enum CheckpointFile {
  /// Writes a value; until all of it is on the disk the previous checkpoint stays.
  ///
  /// - Parameters:
  ///   - value: The state of a run.
  ///   - path: The file, a safetensors file.
  /// - Throws: ``RunFileError``; `malformed` when the value cannot be encoded.
  public static func write(_ value: some Encodable, to path: String) throws(RunFileError) {
    let bytes: [UInt8]
    do {
      bytes = try TensorEncoder().encode(value).encoded()
    } catch {
      throw .malformed(path: path, line: nil, reason: "the state cannot be encoded: \(error)")
    }
    try AtomicFile.write(bytes, to: path)
  }

  /// Reads the value of a checkpoint.
  ///
  /// - Parameters:
  ///   - type: The type that was written.
  ///   - path: The file.
  /// - Returns: A value equal to the one written.
  /// - Throws: ``RunFileError``; any damage is `malformed`.
  public static func read<Value: Decodable>(_ type: Value.Type, from path: String) throws(RunFileError) -> Value {
    let bytes = try WholeFile.read(path, hint: "a checkpoint was expected")
    do {
      return try TensorDecoder().decode(type, from: Safetensors(decoding: bytes))
    } catch let error as SafetensorsError {
      throw .malformed(path: path, line: nil, reason: "not a checkpoint: \(error)")
    } catch {
      throw .malformed(path: path, line: nil, reason: "not a checkpoint: \(CanonicalJSON.reason(error))")
    }
  }
}
