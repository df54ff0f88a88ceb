/// What an item shows at one of its units.
enum ItemElement {
  case value(YValue)
  case type(TypeIndex)
  case subdocument(guid: String, options: YValue)
}

extension Store {
  /// The text of a string item.
  func text(_ item: ItemIndex) -> String {
    String(decoding: contentBytes(item), as: UTF8.self)
  }

  /// The UTF-16 range of a string item as text. Halves of surrogate pairs become U+FFFD.
  func text(_ item: ItemIndex, _ range: Range<UInt64>) -> String {
    let record = items[item]
    if range.lowerBound == 0, range.upperBound == record.length { return text(item) }
    let content = contentBytes(item)
    if record.flags.contains(.ascii) {
      return String(decoding: content[Int(range.lowerBound)..<Int(range.upperBound)], as: UTF8.self)
    }
    let units = Array(String(decoding: content, as: UTF8.self).utf16)
    return String(decoding: units[Int(range.lowerBound)..<Int(range.upperBound)], as: UTF16.self)
  }

  /// The elements of a live item.
  func elements(_ item: ItemIndex) -> [ItemElement] {
    let record = items[item]
    var reader = ByteReader(record.kind == .type ? bytes.bytes(0, 0) : contentBytes(item))
    do throws(UpdateError) {
      switch record.kind {
      case .type: return [.type(record.content)]
      case .string: return Array(text(item).utf16).map { .value(.string(String(decoding: [$0], as: UTF16.self))) }
      case .any:
        var result: [ItemElement] = []
        for _ in 0..<record.length { result.append(.value(try reader.anyValue(depth: .max))) }
        return result
      case .json:
        var result: [ItemElement] = []
        for _ in 0..<record.length { result.append(.value(try jsonValue(&reader))) }
        return result
      case .embed: return [.value(try jsonValue(&reader))]
      case .binary:
        let length = try reader.byteLength()
        return [.value(.binary(Array(reader.slice(reader.position, length))))]
      case .doc:
        let guid = try reader.text()
        return [.subdocument(guid: guid, options: try reader.anyValue(depth: .max))]
      case .gc, .deleted, .format, .skip: return []
      }
    } catch {
      preconditionFailure("validated content does not parse: \(error)")
    }
  }

  /// What a map shows for an item: its last element, or `undefined` for content that shows nothing in lists.
  func lastElement(_ item: ItemIndex) -> ItemElement {
    let record = items[item]
    switch record.kind {
    case .type: return .type(record.content)
    case .any where record.length == 1: return anyElement(item, at: 0)
    default: return elements(item).last ?? .value(.undefined)
    }
  }

  private func jsonValue(_ reader: inout ByteReader) throws(UpdateError) -> YValue {
    let (offset, length, _) = try reader.string()
    return JSONParser.parse(reader.slice(offset, length), depth: .max) ?? .undefined
  }

  /// Calls `body` with every live countable item of a list.
  func forEachLiveItem(_ type: TypeIndex, _ body: (ItemIndex) -> Void) {
    var item = types[type].first
    while item != .none {
      if items[item].isLiveAndCountable { body(item) }
      item = items[item].right
    }
  }

  func listElements(_ type: TypeIndex) -> [ItemElement] {
    var result: [ItemElement] = []
    forEachLiveItem(type) { result.append(contentsOf: elements($0)) }
    return result
  }

  /// The element at an index; nil if it is out of bounds.
  mutating func listElement(_ type: TypeIndex, _ index: Int) -> ItemElement? {
    guard index >= 0, index < Int(types[type].length) else { return nil }
    let (item, start) = locate(type, index + 1)
    let record = items[item]
    guard record.kind == .any else { return elements(item)[index - start] }
    return anyElement(item, at: indexedElementOffset(record, index - start))
  }

  /// The value that starts at an offset of a run.
  private func anyElement(_ item: ItemIndex, at offset: UInt32) -> ItemElement {
    var reader = ByteReader(contentBytes(item))
    reader.position = Int(offset)
    do throws(UpdateError) {
      return .value(try reader.anyValue(depth: .max))
    } catch {
      preconditionFailure("validated content does not parse: \(error)")
    }
  }

  /// The live keys of a type in the order in which they first appeared.
  func liveKeys(_ type: TypeIndex) -> [(key: KeyIndex, item: ItemIndex)] {
    var result: [(KeyIndex, ItemIndex)] = []
    var entry = types[type].firstEntry
    while entry != .none {
      let record = entries.entries[entry]
      if record.last != .none, !items[record.last].isDeleted { result.append((record.key, record.last)) }
      entry = record.next
    }
    return result
  }

  /// The text of a type: its live strings.
  func string(_ type: TypeIndex) -> String {
    var writer = ByteWriter()
    forEachLiveItem(type) { if items[$0].kind == .string { writer.raw(contentBytes($0)) } }
    return writer.withBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether the text of a type is exactly these bytes of UTF-8, without making a string of it.
  func string(_ type: TypeIndex, isEqualTo text: UnsafeBufferPointer<UInt8>) -> Bool {
    var rest = text[...]
    var item = types[type].first
    while item != .none {
      if items[item].isLiveAndCountable, items[item].kind == .string {
        let content = contentBytes(item)
        guard rest.count >= content.count, content.elementsEqual(rest.prefix(content.count)) else { return false }
        rest = rest.dropFirst(content.count)
      }
      item = items[item].right
    }
    return rest.isEmpty
  }

  /// Whether an item shows exactly these bytes of UTF-8 as its only value, a plain string.
  func value(_ item: ItemIndex, isString text: UnsafeBufferPointer<UInt8>) -> Bool {
    let record = items[item]
    guard record.kind == .any, record.length == 1 else { return false }
    var reader = ByteReader(contentBytes(item))
    guard (try? reader.byte()) == AnyTag.string, (try? reader.byteLength()) == text.count else { return false }
    return reader.slice(reader.position, text.count).elementsEqual(text)
  }

  /// Whether the type is in the document: neither it nor anything around it was deleted.
  func isAlive(_ type: TypeIndex) -> Bool {
    let record = types[type]
    if record.isCollected { return false }
    return record.item == .none || !items[record.item].isDeleted
  }

  // MARK: - JSON

  func json(_ element: ItemElement, depth: Int) -> YValue {
    switch element {
    case .value(let value): value
    case .type(let type): json(type, depth: depth)
    case .subdocument: .object(YObject())
    }
  }

  /// The JSON value of a type by its kind; nested types beyond `depth` are null.
  func json(_ type: TypeIndex, depth: Int) -> YValue {
    guard depth > 0 else { return .null }
    switch types[type].kind {
    case .array: return .array(listElements(type).map { json($0, depth: depth - 1) })
    case .map, .xmlHook: return .object(mapJSON(type, depth: depth))
    case .text: return .string(string(type))
    case .xmlElement, .xmlFragment, .xmlText: return .string(xmlString(type, depth: depth))
    case .untyped:
      return types[type].first == .none
        ? .object(mapJSON(type, depth: depth)) : .array(listElements(type).map { json($0, depth: depth - 1) })
    }
  }

  /// The list part as an array, whatever the type's kind.
  func json(_ type: TypeIndex, asArray depth: Int) -> YValue {
    .array(listElements(type).map { json($0, depth: depth - 1) })
  }

  /// The map part as an object, whatever the type's kind.
  func json(_ type: TypeIndex, asMap depth: Int) -> YValue {
    .object(mapJSON(type, depth: depth))
  }

  private func mapJSON(_ type: TypeIndex, depth: Int) -> YObject {
    var object = YObject()
    for (key, item) in liveKeys(type) {
      object[keys.string(key)] = json(lastElement(item), depth: depth - 1)
    }
    return object
  }
}
