/// A scalar with an exact JSON form.
protocol TensorScalar {
  var json: JSONValue { get }
  init?(json: JSONValue)
}

extension Bool: TensorScalar {
  var json: JSONValue { .bool(self) }

  init?(json: JSONValue) {
    guard case .bool(let value) = json else { return nil }
    self = value
  }
}

extension String: TensorScalar {
  var json: JSONValue { .string(self) }

  init?(json: JSONValue) {
    guard case .string(let value) = json else { return nil }
    self = value
  }
}

extension TensorScalar where Self: FixedWidthInteger {
  /// Numbers beyond 64 signed bits travel as their decimal digits.
  var json: JSONValue { Int64(exactly: self).map(JSONValue.integer) ?? .string(String(self)) }

  init?(json: JSONValue) {
    switch json {
    case .integer(let value): self.init(exactly: value)
    case .string(let digits): self.init(digits, radix: 10)
    default: return nil
    }
  }
}

extension Int: TensorScalar {}
extension Int8: TensorScalar {}
extension Int16: TensorScalar {}
extension Int32: TensorScalar {}
extension Int64: TensorScalar {}
extension UInt: TensorScalar {}
extension UInt8: TensorScalar {}
extension UInt16: TensorScalar {}
extension UInt32: TensorScalar {}
extension UInt64: TensorScalar {}

extension Double: TensorScalar {
  var json: JSONValue {
    let isPlain = isFinite && !(self == 0 && sign == .minus)
    return isPlain ? .number(self) : .string("0x" + String(bitPattern, radix: 16))
  }

  init?(json: JSONValue) {
    switch json {
    case .number(let value): self = value
    // A whole number loses its point in JSON; the nearest Double of its digits is the one that was written.
    case .integer(let value): self = Double(value)
    case .string(let text):
      guard text.hasPrefix("0x"), let bits = UInt64(text.dropFirst(2), radix: 16) else { return nil }
      self = Double(bitPattern: bits)
    default: return nil
    }
  }
}

extension Float: TensorScalar {
  var json: JSONValue {
    let isPlain = isFinite && !(self == 0 && sign == .minus)
    return isPlain ? .number(Double(self)) : .string("0x" + String(bitPattern, radix: 16))
  }

  init?(json: JSONValue) {
    switch json {
    case .number(let value): self.init(exactly: value)
    // By way of Double, for the digits are the shortest of a Double and no exact integer.
    case .integer(let value): self.init(exactly: Double(value))
    case .string(let text):
      guard text.hasPrefix("0x"), let bits = UInt32(text.dropFirst(2), radix: 16) else { return nil }
      self = Float(bitPattern: bits)
    default: return nil
    }
  }
}
