// swift-format-ignore-file: AlwaysUseLowerCamelCase
// The names are those of the header.

public import CLamina
import GradientExchange
import LaminaNumerics
import WireFormat

// Older compilers do not check functions against a header: they build the rest of the package.
#if compiler(>=6.3)
  @c @implementation
  public func lamina_exchange_create(
    _ plan: OpaquePointer?, _ transport: UnsafePointer<lamina_transport>?,
    _ options: UnsafePointer<lamina_exchange_options>?, _ vector: UnsafeMutablePointer<Float>?, _ count: Int,
    _ exchange: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      guard let exchange else { throw .null("exchange") }
      exchange.pointee = nil
      if let fault = KernelTier.environmentFault { throw .argument(fault) }
      guard let transport = transport?.pointee else { throw .null("transport") }
      _ = try buffer(UnsafePointer(vector), count, "vector")
      let plan = try Handle<QuantizationPlan>.at(plan, "plan").locked { $0 }
      guard count == plan.map.dimension else {
        throw Failure(.dimension(expected: plan.map.dimension, found: count))
      }
      let options =
        options?.pointee
        ?? lamina_exchange_options(reduction: 0, threads: 1, error_feedback: 0, retries: 0, adaptation: nil)
      let group = try CallerTransport(transport)
      let made = QuantizedExchange(
        plan: plan, group: group,
        agreement: try options.adaptation.map { (adaptation) throws(Failure) in
          try LevelAgreement(adaptation.pointee)
        },
        options: try ExchangeOptions(options, worldSize: group.worldSize, plan: plan))
      exchange.pointee = ExchangeHandle(
        made, vector: UnsafeMutableBufferPointer(start: vector, count: count), feeds: options.error_feedback != 0
      ).retained()
    }
  }

  @c @implementation
  public func lamina_exchange_ready(
    _ exchange: OpaquePointer?, _ start: Int, _ count: Int, _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      try ExchangeHandle.at(exchange, "exchange").ready(start: start, count: count)
    }
  }

  @c @implementation
  public func lamina_exchange_average(
    _ exchange: OpaquePointer?, _ step: UInt64, _ report: UnsafeMutablePointer<lamina_exchange_report>?,
    _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      let outcome = try ExchangeHandle.at(exchange, "exchange").average(step: step)
      report?.pointee = lamina_exchange_report(outcome)
    }
  }

  @c @implementation
  public func lamina_exchange_abandon(_ exchange: OpaquePointer?) {
    (try? ExchangeHandle.at(exchange, "exchange"))?.abandon()
  }

  @c @implementation
  public func lamina_exchange_plan(
    _ exchange: OpaquePointer?, _ plan: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      guard let plan else { throw .null("plan") }
      plan.pointee = nil
      plan.pointee = Handle(try ExchangeHandle.at(exchange, "exchange").locked { $0.plan }).retained()
    }
  }

  @c @implementation
  public func lamina_exchange_save(
    _ exchange: OpaquePointer?, _ bytes: UnsafeMutablePointer<UInt8>?, _ capacity: Int,
    _ size: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      let state = try ExchangeHandle.at(exchange, "exchange").locked { $0.savedState }
      try write(state, "The state", to: bytes, capacity, size)
    }
  }

  @c @implementation
  public func lamina_exchange_restore(
    _ exchange: OpaquePointer?, _ bytes: UnsafePointer<UInt8>?, _ size: Int,
    _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      let bytes = Array(try buffer(bytes, size, "bytes"))
      try ExchangeHandle.at(exchange, "exchange").restore(bytes)
    }
  }

  @c @implementation
  public func lamina_exchange_recall(
    _ exchange: OpaquePointer?, _ which: lamina_memory, _ values: UnsafeMutablePointer<Float>?, _ count: Int,
    _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      _ = try buffer(UnsafePointer(values), count, "values")
      let vector = try ExchangeHandle.at(exchange, "exchange").recalled(which)
      guard count == vector.count else { throw Failure(.dimension(expected: vector.count, found: count)) }
      vector.withUnsafeBufferPointer { vector in
        if let source = vector.baseAddress { values?.update(from: source, count: count) }
      }
    }
  }

  @c @implementation
  public func lamina_exchange_remember(
    _ exchange: OpaquePointer?, _ which: lamina_memory, _ values: UnsafePointer<Float>?, _ count: Int,
    _ error: UnsafeMutablePointer<lamina_error>?
  ) -> lamina_status {
    reporting(to: error) { () throws(Failure) in
      let values = Array(try buffer(values, count, "values"))
      try ExchangeHandle.at(exchange, "exchange").remember(values, as: which)
    }
  }

  @c @implementation
  public func lamina_exchange_destroy(_ exchange: OpaquePointer?) { ExchangeHandle.destroy(exchange) }
#endif
