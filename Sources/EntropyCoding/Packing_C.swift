import CLaminaKernels
import LaminaNumerics

/// The kernels that pack whole blocks, behind the types of this package.
///
/// The words of a block lie in the byte order of the machine and are swapped where that is not little endian.
enum Packing {
  static func pack(
    _ symbols: UnsafeBufferPointer<UInt8>, layout: VerticalPacking, into target: UnsafeMutableRawBufferPointer
  ) {
    withWords(count: target.count / 4) { words in
      kernels.pack(
        symbols.baseAddress, symbols.count / VerticalPacking.blockSize, UInt32(layout.width), layout.hasSign ? 1 : 0,
        words.baseAddress)
      for i in words.indices { words[i] = words[i].littleEndian }
      target.copyMemory(from: UnsafeRawBufferPointer(words))
    }
  }

  static func unpack(
    _ source: UnsafeRawBufferPointer, layout: VerticalPacking, into symbols: UnsafeMutableBufferPointer<UInt8>
  ) -> UInt8 {
    withWords(count: source.count / 4) { words in
      UnsafeMutableRawBufferPointer(words).copyMemory(from: source)
      for i in words.indices { words[i] = UInt32(littleEndian: words[i]) }
      return kernels.unpack(
        words.baseAddress, symbols.count / VerticalPacking.blockSize, UInt32(layout.width), layout.hasSign ? 1 : 0,
        symbols.baseAddress)
    }
  }

  /// Aligned memory for the words: a frame promises no alignment.
  private static func withWords<R>(count: Int, _ body: (UnsafeMutableBufferPointer<UInt32>) -> R) -> R {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: max(count, 1)) { words in
      body(UnsafeMutableBufferPointer(rebasing: words[..<count]))
    }
  }
}
