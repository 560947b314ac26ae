// swift-format-ignore-file: AlwaysUseLowerCamelCase
// The names are those of the header.

public import CLamina
import Quantization
import WireFormat

// Older compilers do not check functions against a header: they build the rest of the package.
#if compiler(>=6.3)
  @c @implementation
  public func lamina_layer_type(
    _ name: UnsafePointer<CChar>?, _ type: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      guard let type else { throw .null("type") }
      let text = (LayerRules.standard.type(of: try String(name, "name"))?.rawValue ?? "").utf8CString
      guard capacity >= text.count else {
        throw Failure(
          status: Failure.code(LAMINA_BUFFER_TOO_SMALL),
          message: "The type takes \(text.count) bytes, the buffer has room for \(capacity).")
      }
      for (index, byte) in text.enumerated() { type[index] = byte }
    }
  }

  @c @implementation
  public func lamina_levels_fit(
    _ quantizer: UnsafePointer<lamina_quantizer>?, _ values: UnsafePointer<Float>?, _ count: Int,
    _ method: lamina_method, _ levels: UnsafeMutablePointer<Float>?, _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      guard let quantizer else { throw .null("quantizer") }
      guard let levels else { throw .null("levels") }
      let values = try buffer(values, count, "values")
      let fitted = try LevelQuantizer(quantizer.pointee).fitted(to: values, by: AdaptationMethod(method))
      _ = UnsafeMutableBufferPointer(start: levels, count: fitted.count).update(fromContentsOf: fitted.values)
    }
  }

  @c @implementation
  public func lamina_levels_variance(
    _ quantizer: UnsafePointer<lamina_quantizer>?, _ values: UnsafePointer<Float>?, _ count: Int,
    _ squared_error: UnsafeMutablePointer<Double>?, _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      guard let quantizer else { throw .null("quantizer") }
      guard let squared_error else { throw .null("squared_error") }
      let values = try buffer(values, count, "values")
      squared_error.pointee = try LevelQuantizer(quantizer.pointee).variance(of: values.span)
    }
  }

  @c @implementation
  public func lamina_plan_fit(
    _ plan: OpaquePointer?, _ values: UnsafePointer<Float>?, _ count: Int, _ method: lamina_method,
    _ fitted: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      guard let fitted else { throw .null("fitted") }
      fitted.pointee = nil
      var plan = try Handle<QuantizationPlan>.at(plan, "plan").locked { $0 }
      let values = try buffer(values, count, "values")
      guard count == plan.map.dimension else {
        throw .argument("The plan has \(plan.map.dimension) coordinates, the vector \(count).")
      }
      let method = try AdaptationMethod(method)
      do { try plan.adopt(plan.fitted(to: Array(values), method: method).plans) } catch { throw .plan("\(error)") }
      fitted.pointee = Handle(plan).retained()
    }
  }

  extension LevelQuantizer {
    /// The levels fitted to the coordinates of one layer.
    fileprivate func fitted(
      to values: UnsafeBufferPointer<Float>, by method: AdaptationMethod
    ) throws(Failure) -> Levels {
      guard method != .fixed else { return levels }
      var histogram = Histogram(weighting: .squaredNorm, support: levels.coordinateSupport)
      histogram.observe(values.span, quantizer: self)
      do throws(AdaptationError) {
        return try method.adapt(levels, to: histogram)
      } catch {
        throw .argument("\(error)")
      }
    }
  }
#endif
