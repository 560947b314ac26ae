// swift-format-ignore-file: AlwaysUseLowerCamelCase
// The names are those of the header.

public import CLamina
import Quantization
import WireFormat

// Older compilers do not check functions against a header: they build the rest of the package.
#if compiler(>=6.3)
  @c @implementation
  public func lamina_abi_version() -> UInt32 { LAMINA_ABI_VERSION }

  @c @implementation
  public func lamina_dithered_step(_ bits: Double) -> Float {
    guard (0.5...16).contains(bits), case .relative(let factor, _) = DitheredQuantizer.gaussian(bits: bits).step else {
      return .nan
    }
    return factor
  }

  @c @implementation
  public func lamina_plan_create(
    _ layers: UnsafePointer<lamina_layer>?, _ layer_count: Int, _ quantizers: UnsafePointer<lamina_quantizer>?,
    _ quantizer_count: Int, _ seed: UInt64, _ plan: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      guard let plan else { throw .null("plan") }
      plan.pointee = nil
      let made = try QuantizationPlan(
        layers: try buffer(layers, layer_count, "layers"),
        quantizers: try buffer(quantizers, quantizer_count, "quantizers"), seed: seed)
      plan.pointee = Handle(made).retained()
    }
  }

  @c @implementation
  public func lamina_plan_decode(
    _ bytes: UnsafePointer<UInt8>?, _ size: Int, _ plan: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      guard let plan else { throw .null("plan") }
      plan.pointee = nil
      let bytes = Array(try buffer(bytes, size, "bytes"))
      let made: QuantizationPlan
      do throws(WireFormatError) { made = try QuantizationPlan(decoding: bytes[...]) } catch { throw Failure(error) }
      plan.pointee = Handle(made).retained()
    }
  }

  @c @implementation
  public func lamina_plan_encode(
    _ plan: OpaquePointer?, _ bytes: UnsafeMutablePointer<UInt8>?, _ capacity: Int,
    _ size: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      try write(
        try Handle<QuantizationPlan>.at(plan, "plan").locked { $0.encoded() }, "The plan", to: bytes, capacity, size)
    }
  }

  @c @implementation
  public func lamina_plan_dimension(_ plan: OpaquePointer?) -> UInt64 {
    (try? Handle<QuantizationPlan>.at(plan, "plan").locked { UInt64($0.map.dimension) }) ?? 0
  }

  @c @implementation
  public func lamina_plan_digest(_ plan: OpaquePointer?) -> UInt64 {
    (try? Handle<QuantizationPlan>.at(plan, "plan").locked { $0.digest }) ?? 0
  }

  @c @implementation
  public func lamina_plan_destroy(_ plan: OpaquePointer?) { Handle<QuantizationPlan>.destroy(plan) }
#endif
