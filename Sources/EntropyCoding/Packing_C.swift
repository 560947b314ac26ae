import CLaminaKernels
import LaminaNumerics

/// The kernels that pack whole blocks, behind the types of this package.
enum Packing {
  static func pack(
    _ symbols: UnsafeBufferPointer<UInt8>, layout: VerticalPacking, into target: UnsafeMutableRawBufferPointer,
    kernels: laminak_table = kernels
  ) {
    kernels.pack(
      symbols.baseAddress, symbols.count / VerticalPacking.blockSize, UInt32(layout.width), layout.hasSign ? 1 : 0,
      target.baseAddress)
  }

  static func unpack(
    _ source: UnsafeRawBufferPointer, layout: VerticalPacking, into symbols: UnsafeMutableBufferPointer<UInt8>,
    kernels: laminak_table = kernels
  ) -> UInt8 {
    kernels.unpack(
      source.baseAddress, symbols.count / VerticalPacking.blockSize, UInt32(layout.width), layout.hasSign ? 1 : 0,
      symbols.baseAddress)
  }
}
