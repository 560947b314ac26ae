// swift-format-ignore-file: AlwaysUseLowerCamelCase
// The names are those of the header.

public import CLamina
import GradientExchange
import LaminaNumerics
import WireFormat

/// A codec, and the frame that C was last shown.
private struct CodecState: Sendable {
  var codec: ExchangeCodec
  let frame = FrameMemory()
}

/// Memory that stays in its place until the next frame.
private final class FrameMemory: @unchecked Sendable {
  // Unchecked: it belongs to one handle, behind its lock.
  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  deinit { memory.deallocate() }

  func hold(_ bytes: [UInt8]) -> UnsafePointer<UInt8>? {
    if memory.count < bytes.count {
      memory.deallocate()
      memory = .allocate(byteCount: bytes.count + bytes.count / 8, alignment: 16)
    }
    memory.copyBytes(from: bytes)
    return UnsafePointer(memory.baseAddress?.assumingMemoryBound(to: UInt8.self))
  }
}

// Older compilers do not check functions against a header: they build the rest of the package.
#if compiler(>=6.3)
  @c @implementation
  public func lamina_codec_create(
    _ plan: OpaquePointer?, _ options: UnsafePointer<lamina_codec_options>?,
    _ codec: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      guard let codec else { throw .null("codec") }
      codec.pointee = nil
      if let fault = KernelTier.environmentFault { throw .argument(fault) }
      let options = options?.pointee ?? lamina_codec_options(rank: 0, threads: 1, stops_at_non_finite: 0)
      guard options.rank <= UInt16.max else { throw .argument("Ranks are 0 to 65535, not \(options.rank).") }
      guard (1...1024).contains(options.threads) else {
        throw .argument("A call uses 1 to 1024 threads, not \(options.threads).")
      }
      let made = ExchangeCodec(
        plan: try Handle<QuantizationPlan>.at(plan, "plan").locked { $0 }, rank: Int(options.rank),
        nonFinite: options.stops_at_non_finite == 0 ? .send : .stop, threads: Int(options.threads))
      codec.pointee = Handle(CodecState(codec: made)).retained()
    }
  }

  @c @implementation
  public func lamina_codec_encode(
    _ codec: OpaquePointer?, _ values: UnsafePointer<Float>?, _ count: Int, _ step: UInt64,
    _ frame: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ size: UnsafeMutablePointer<Int>?,
    _ outcome: UnsafeMutablePointer<lamina_outcome>?, _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      guard let frame, let size else { throw .null("frame or size") }
      (frame.pointee, size.pointee) = (nil, 0)
      let values = try buffer(values, count, "values")
      try Handle<CodecState>.at(codec, "codec").locked { (state) throws(Failure) in
        let made: EncodedFrame
        do throws(ExchangeError) { made = try state.codec.encode(values, step: step) } catch { throw Failure(error) }
        frame.pointee = state.frame.hold(made.bytes)
        size.pointee = made.bytes.count
        outcome?.pointee = lamina_outcome(
          squared_error: made.squaredError, squared_norm: made.squaredNorm, exact_buckets: UInt64(made.exactBuckets))
      }
    }
  }

  @c @implementation
  public func lamina_codec_accumulate(
    _ codec: OpaquePointer?, _ frame: UnsafePointer<UInt8>?, _ size: Int, _ step: UInt64, _ rank: UInt32,
    _ sums: UnsafeMutablePointer<Float>?, _ count: Int, _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      let frame = Array(try buffer(frame, size, "frame"))
      _ = try buffer(UnsafePointer(sums), count, "sums")
      guard rank <= UInt16.max else { throw .argument("Ranks are 0 to 65535, not \(rank).") }
      try Handle<CodecState>.at(codec, "codec").locked { (state) throws(Failure) in
        let dimension = state.codec.plan.map.dimension
        guard count == dimension else { throw Failure(.dimension(expected: dimension, found: count)) }
        let target = UnsafeMutableBufferPointer(start: sums, count: count)
        do throws(WireFormatError) {
          _ = try state.codec.accumulate(frame, step: step, rank: Int(rank), into: target)
        } catch {
          throw Failure(error)
        }
      }
    }
  }

  @c @implementation
  public func lamina_codec_destroy(_ codec: OpaquePointer?) { Handle<CodecState>.destroy(codec) }
#endif
