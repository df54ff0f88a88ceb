import Workflow

extension JSONValue {
  /// The form in which values are compared: nil for null and "", which mean "not set" as much as an absent key does;
  /// objects without the keys that are not set. (Numbers have one form already: 5 is 5.0.)
  var canonical: JSONValue? {
    switch self {
    case .null, .string(""): nil
    case .object(let members): .object(members.compactMapValues(\.canonical))
    default: self
    }
  }
}

extension String {
  /// Whether both texts say the same: equal but for line endings and for how accents are composed.
  func isSameText(as other: String) -> Bool {
    if self == other { return true }
    guard hasCarriageReturns || other.hasCarriageReturns else { return false }
    return withPlainLineEndings == other.withPlainLineEndings
  }

  /// This text with the line endings that `other` uses, so that a writer on another system does not touch every line.
  func withLineEndings(of other: String) -> String {
    hasCarriageReturns && !other.hasCarriageReturns ? withPlainLineEndings : self
  }

  var withPlainLineEndings: String {
    guard hasCarriageReturns else { return self }
    var result: [UInt8] = []
    var bytes = utf8.makeIterator()
    var next = bytes.next()
    while let byte = next {
      next = bytes.next()
      if byte != 0x0D || next != 0x0A { result.append(byte) }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
