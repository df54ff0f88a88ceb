/// Writing JSON text as JavaScript's `JSON.stringify` lays it out.
extension ByteWriter {
  mutating func ascii(_ text: StaticString) {
    raw(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func jsonString(_ value: String) {
    var value = value
    byte(UInt8(ascii: "\""))
    value.withUTF8 { jsonEscaped($0) }
    byte(UInt8(ascii: "\""))
  }

  /// A string literal of a text that lies in an arena.
  mutating func jsonString(arena text: UnsafeBufferPointer<UInt8>) {
    byte(UInt8(ascii: "\""))
    jsonEscaped(arena: text)
    byte(UInt8(ascii: "\""))
  }
}

/// Writes the elements or members of something one by one, with a bracket before the first and commas between.
struct JSONList {
  private var separator: UInt8
  private let opening: UInt8
  private let closing: UInt8

  static var array: JSONList { JSONList(opening: UInt8(ascii: "["), closing: UInt8(ascii: "]")) }
  static var object: JSONList { JSONList(opening: UInt8(ascii: "{"), closing: UInt8(ascii: "}")) }

  private init(opening: UInt8, closing: UInt8) {
    self.opening = opening
    self.closing = closing
    separator = opening
  }

  /// What stands before an element.
  @inline(__always) mutating func next(_ writer: inout ByteWriter) {
    writer.byte(separator)
    separator = UInt8(ascii: ",")
  }

  /// What stands before a member's value; its name lies in an arena.
  @inline(__always) mutating func next(_ name: UnsafeBufferPointer<UInt8>, _ writer: inout ByteWriter) {
    next(&writer)
    writer.jsonString(arena: name)
    writer.byte(UInt8(ascii: ":"))
  }

  func end(_ writer: inout ByteWriter) {
    if separator == opening { writer.byte(opening) }
    writer.byte(closing)
  }
}
