/// JSON text straight from the arenas: the same that writing the plain values gives, without making any.
extension Store {
  /// Writes a type by its kind; nested types beyond `depth` are null.
  func writeJSON(_ type: TypeIndex, depth: Int, into writer: inout ByteWriter) {
    guard depth > 0 else { return writer.ascii("null" as StaticString) }
    switch types[type].kind {
    case .array: writeJSON(type, asArray: depth, into: &writer)
    case .map, .xmlHook: writeJSON(type, asMap: depth, into: &writer)
    case .text: writeJSONText(type, into: &writer)
    case .xmlElement, .xmlFragment, .xmlText: writer.jsonString(xmlString(type, depth: depth))
    case .untyped:
      if types[type].first == .none {
        writeJSON(type, asMap: depth, into: &writer)
      } else {
        writeJSON(type, asArray: depth, into: &writer)
      }
    }
  }

  /// The list part as an array, whatever the type's kind.
  func writeJSON(_ type: TypeIndex, asArray depth: Int, into writer: inout ByteWriter) {
    writer.byte(UInt8(ascii: "["))
    var isFirst = true
    forEachLiveItem(type) { writeElements($0, depth - 1, &isFirst, into: &writer) }
    writer.byte(UInt8(ascii: "]"))
  }

  /// The map part as an object, whatever the type's kind.
  func writeJSON(_ type: TypeIndex, asMap depth: Int, into writer: inout ByteWriter) {
    writer.byte(UInt8(ascii: "{"))
    var isFirst = true
    var entry = types[type].firstEntry
    while entry != .none {
      let record = entries.entries[entry]
      if record.last != .none, !items[record.last].isDeleted, !showsUndefined(record.last) {
        if !isFirst { writer.byte(UInt8(ascii: ",")) }
        isFirst = false
        writer.jsonString(keys.utf8(record.key))
        writer.byte(UInt8(ascii: ":"))
        writeLast(record.last, depth - 1, into: &writer)
      }
      entry = record.next
    }
    writer.byte(UInt8(ascii: "}"))
  }

  func writeJSONText(_ type: TypeIndex, into writer: inout ByteWriter) {
    writer.byte(UInt8(ascii: "\""))
    forEachLiveItem(type) { if items[$0].kind == .string { writer.jsonEscaped(contentBytes($0)) } }
    writer.byte(UInt8(ascii: "\""))
  }

  // MARK: - Items

  /// Writes all elements of an item, separated from each other and from those before.
  private func writeElements(_ item: ItemIndex, _ depth: Int, _ isFirst: inout Bool, into writer: inout ByteWriter) {
    func separate() {
      if !isFirst { writer.byte(UInt8(ascii: ",")) }
      isFirst = false
    }
    switch items[item].kind {
    case .type:
      separate()
      writeJSON(items[item].content, depth: depth, into: &writer)
    case .any:
      var reader = ByteReader(contentBytes(item))
      for _ in 0..<items[item].length {
        separate()
        reader.writeTrustedJSON(into: &writer)
      }
    default:
      for element in elements(item) {
        separate()
        json(element, depth: depth).writeJSON(&writer)
      }
    }
  }

  /// Writes what a map shows for an item.
  private func writeLast(_ item: ItemIndex, _ depth: Int, into writer: inout ByteWriter) {
    let record = items[item]
    switch record.kind {
    case .type: writeJSON(record.content, depth: depth, into: &writer)
    case .any:
      var reader = ByteReader(contentBytes(item))
      reader.position = Int(elementOffset(record, Int(record.length) - 1))
      reader.writeTrustedJSON(into: &writer)
    default: json(lastElement(item), depth: depth).writeJSON(&writer)
    }
  }

  /// Whether a map shows `undefined` for an item, which JSON leaves out.
  private func showsUndefined(_ item: ItemIndex) -> Bool {
    let record = items[item]
    switch record.kind {
    case .type: return false
    case .any: return contentBytes(item)[Int(elementOffset(record, Int(record.length) - 1))] == AnyTag.undefined
    default:
      if case .value(.undefined) = lastElement(item) { return true }
      return false
    }
  }
}

extension ByteReader {
  /// Writes an `Any` value that was validated before.
  fileprivate mutating func writeTrustedJSON(into writer: inout ByteWriter) {
    do throws(UpdateError) {
      try writeJSON(into: &writer)
    } catch {
      preconditionFailure("validated content does not parse: \(error)")
    }
  }

  private mutating func writeJSON(into writer: inout ByteWriter) throws(UpdateError) {
    let tag = pointer(position).pointee
    switch tag {
    case AnyTag.integer:
      position += 1
      let (magnitude, isNegative) = try varInt()
      writer.jsonInteger(isNegative ? -Int64(magnitude) : Int64(magnitude))
    case AnyTag.string:
      position += 1
      let text = try string()
      writer.jsonString(slice(text.offset, text.length))
    case AnyTag.array:
      position += 1
      writer.byte(UInt8(ascii: "["))
      for index in 0..<(try elementCount()) {
        if index > 0 { writer.byte(UInt8(ascii: ",")) }
        try writeJSON(into: &writer)
      }
      writer.byte(UInt8(ascii: "]"))
    case AnyTag.object:
      position += 1
      try writeJSONMembers(into: &writer)
    default: try anyValue(depth: .max).writeJSON(&writer)
    }
  }

  private mutating func writeJSONMembers(into writer: inout ByteWriter) throws(UpdateError) {
    writer.byte(UInt8(ascii: "{"))
    var isFirst = true
    for _ in 0..<(try elementCount()) {
      let key = try string()
      // JavaScript would take that for the object's prototype.
      let isProto = key.length == 9 && slice(key.offset, key.length).elementsEqual("__proto__".utf8)
      guard pointer(position).pointee != AnyTag.undefined, !isProto else {
        try skipAny(depth: .max)
        continue
      }
      if !isFirst { writer.byte(UInt8(ascii: ",")) }
      isFirst = false
      writer.jsonString(slice(key.offset, key.length))
      writer.byte(UInt8(ascii: ":"))
      try writeJSON(into: &writer)
    }
    writer.byte(UInt8(ascii: "}"))
  }
}
