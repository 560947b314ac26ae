import Quantization

/// Recorded gradients: raw binary32 numbers, little endian, with the layers that they belong to in a file beside them.
package enum GradientFile {
  /// The bytes of a gradient.
  package static func bytes(of values: [Float]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 4 * values.count) { buffer, count in
      for (i, value) in values.enumerated() {
        UnsafeMutableRawBufferPointer(buffer)
          .storeBytes(of: value.bitPattern.littleEndian, toByteOffset: 4 * i, as: UInt32.self)
      }
      count = buffer.count
    }
  }

  /// The layers of a map as the options `--layers` and `--layers-file` of the command read them:
  /// `NAME:COUNT:TYPE,NAME:COUNT:TYPE,…`.
  package static func layerList(of map: LayerMap) -> String {
    map.layers.map { "\($0.name):\($0.range.count):\($0.type.rawValue)" }.joined(separator: ",")
  }

  /// Writes a gradient whole or not at all.
  ///
  /// - Parameters:
  ///   - values: The coordinates.
  ///   - path: The file; its folder must exist.
  /// - Throws: ``RunFileError``.
  package static func write(_ values: [Float], to path: String) throws(RunFileError) {
    try AtomicFile.write(bytes(of: values), to: path)
  }

  /// Writes the list of layers.
  ///
  /// - Parameters:
  ///   - map: The layers of every gradient in the folder.
  ///   - path: The file; its folder must exist.
  /// - Throws: ``RunFileError``.
  package static func write(layersOf map: LayerMap, to path: String) throws(RunFileError) {
    try AtomicFile.write(Array((layerList(of: map) + "\n").utf8), to: path)
  }
}
