/// JSON text straight from the arenas: the same that writing the plain values gives, without making any.
extension Store {
  /// Writes a type by its kind; nested types beyond `depth` are null.
  func writeJSON(_ type: TypeIndex, depth: Int, into writer: inout ByteWriter) {
    guard depth > 0 else { return writer.ascii("null") }
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
    var list = JSONList.array
    forEachLiveItem(type) { writeElements($0, depth - 1, &list, into: &writer) }
    list.end(&writer)
  }

  /// The map part as an object, whatever the type's kind.
  func writeJSON(_ type: TypeIndex, asMap depth: Int, into writer: inout ByteWriter) {
    var list = JSONList.object
    var entry = types[type].firstEntry
    while entry != .none {
      let record = entries.entries[entry]
      if record.last != .none, !items.pointer(record.last).pointee.isDeleted {
        writeMember(keys.utf8(record.key), record.last, depth - 1, &list, into: &writer)
      }
      entry = record.next
    }
    list.end(&writer)
  }

  func writeJSONText(_ type: TypeIndex, into writer: inout ByteWriter) {
    writer.byte(UInt8(ascii: "\""))
    var pieces = TextPieces()
    let lastRecord = UInt32(truncatingIfNeeded: items.count &- 1)
    var item = types[type].first
    while item != .none {
      let record = items.pointer(item)
      // Neighbours mostly came in soon one after the other and lie near each other.
      pieces.approach(items.pointer(min(item &+ 32, lastRecord)))
      let isText = record.pointee.kind == .string && !record.pointee.isDeleted
      let length = isText ? Int(record.pointee.byteCount) : 0
      let content = bytes.pointer(isText ? record.pointee.content : 0)
      item = record.pointee.right
      if length > pieces.room {
        writer.jsonEscaped(arena: pieces.text)
        pieces.removeAll()
        if length > pieces.room {
          writer.jsonEscaped(arena: UnsafeBufferPointer(start: content, count: length))
          continue
        }
      }
      pieces.add(content, length)
    }
    writer.jsonEscaped(arena: pieces.text)
    writer.byte(UInt8(ascii: "\""))
  }

  // MARK: - Items

  /// Writes all elements of an item.
  private func writeElements(_ item: ItemIndex, _ depth: Int, _ list: inout JSONList, into writer: inout ByteWriter) {
    switch items[item].kind {
    case .type:
      list.next(&writer)
      writeJSON(items[item].content, depth: depth, into: &writer)
    case .any:
      var reader = ByteReader(contentBytes(item))
      for _ in 0..<items[item].length {
        list.next(&writer)
        reader.writeTrustedJSON(into: &writer)
      }
    default:
      for element in elements(item) {
        list.next(&writer)
        json(element, depth: depth).writeJSON(&writer)
      }
    }
  }

  /// Writes what a map shows for an item; `undefined` is left out.
  private func writeMember(
    _ name: UnsafeBufferPointer<UInt8>, _ item: ItemIndex, _ depth: Int, _ list: inout JSONList,
    into writer: inout ByteWriter
  ) {
    switch items.pointer(item).pointee.kind {
    case .type:
      list.next(name, &writer)
      writeJSON(items[item].content, depth: depth, into: &writer)
    case .any:
      var reader = ByteReader(contentBytes(item))
      for _ in 1..<items[item].length { reader.skipTrusted(.any) }
      guard reader.pointer(reader.position).pointee != AnyTag.undefined else { return }
      list.next(name, &writer)
      reader.writeTrustedJSON(into: &writer)
    default:
      let element = lastElement(item)
      if case .value(.undefined) = element { return }
      list.next(name, &writer)
      json(element, depth: depth).writeJSON(&writer)
    }
  }
}

/// Values that were validated before and lie in an arena.
extension ByteReader {
  fileprivate mutating func writeTrustedJSON(into writer: inout ByteWriter) {
    do throws(UpdateError) {
      try writeJSON(into: &writer)
    } catch {
      preconditionFailure("validated content does not parse: \(error)")
    }
  }

  private mutating func writeJSON(into writer: inout ByteWriter) throws(UpdateError) {
    switch pointer(position).pointee {
    case AnyTag.integer:
      position += 1
      let (magnitude, isNegative) = try varInt()
      writer.jsonInteger(isNegative ? -Int64(magnitude) : Int64(magnitude))
    case AnyTag.string:
      position += 1
      writer.jsonString(arena: try trustedString())
    case AnyTag.array:
      position += 1
      var list = JSONList.array
      for _ in 0..<(try elementCount()) {
        list.next(&writer)
        try writeJSON(into: &writer)
      }
      list.end(&writer)
    case AnyTag.object:
      position += 1
      try writeJSONMembers(into: &writer)
    case AnyTag.isTrue:
      position += 1
      writer.ascii("true")
    case AnyTag.isFalse:
      position += 1
      writer.ascii("false")
    default: try anyValue(depth: .max).writeJSON(&writer)
    }
  }

  private mutating func writeJSONMembers(into writer: inout ByteWriter) throws(UpdateError) {
    var list = JSONList.object
    for _ in 0..<(try elementCount()) {
      let key = try trustedString()
      // JavaScript would take that for the object's prototype.
      let isProto = key.count == 9 && key.elementsEqual("__proto__".utf8)
      guard pointer(position).pointee != AnyTag.undefined, !isProto else {
        try skipAny(depth: .max)
        continue
      }
      list.next(key, &writer)
      try writeJSON(into: &writer)
    }
    list.end(&writer)
  }

  private mutating func trustedString() throws(UpdateError) -> UnsafeBufferPointer<UInt8> {
    let length = try byteLength()
    position += length
    return slice(position - length, length)
  }
}
