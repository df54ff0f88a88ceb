/// Format values in force at a place of a text, as JSON text by key, in order of appearance.
struct TextAttributes {
  struct Value: Equatable {
    var json: [UInt8]
    /// The marker it comes from; Yjs compares objects of different markers as different in one place.
    var marker = ItemIndex.none

    static let null = Value(json: Array("null".utf8))
    var isNull: Bool { json == Self.null.json }
    var isObject: Bool { json.first == UInt8(ascii: "{") || json.first == UInt8(ascii: "[") }

    /// Equal as Yjs compares format values: primitives by value, objects by members.
    func matches(_ other: Value) -> Bool {
      if json == other.json { return true }
      guard isObject, other.isObject else { return false }
      return parsed == other.parsed
    }

    var parsed: YValue? { json.withUnsafeBufferPointer { JSONParser.parse($0, depth: .max) } }
  }

  private(set) var keys: [String] = []
  private var values: [String: Value] = [:]

  var isEmpty: Bool { keys.isEmpty }

  subscript(key: String) -> Value? {
    get { values[key] }
    set {
      guard let newValue else {
        if values.removeValue(forKey: key) != nil { keys.removeAll { $0 == key } }
        return
      }
      if values.updateValue(newValue, forKey: key) == nil { keys.append(key) }
    }
  }

  init() {}

  init(_ object: YObject) {
    for (key, value) in object {
      var writer = ByteWriter()
      value.writeJSON(&writer)
      self[key] = Value(json: writer.bytes)
    }
  }

  /// What a marker does to the values in force: null ends.
  mutating func apply(_ key: String, _ value: Value) {
    self[key] = value.isNull ? nil : value
  }
}

/// A place between two physical neighbours of a text.
struct TextPosition {
  var left: ItemIndex
  var right: ItemIndex
  var attributes = TextAttributes()
}

/// Editing of texts, by the rules by which Yjs places text and format markers.
extension Store {
  func format(_ item: ItemIndex) -> (key: String, value: TextAttributes.Value) {
    var reader = ByteReader(contentBytes(item))
    do throws(UpdateError) {
      let key = try reader.text()
      let (offset, length, _) = try reader.string()
      return (key, TextAttributes.Value(json: Array(reader.slice(offset, length)), marker: item))
    } catch {
      preconditionFailure("validated content does not parse: \(error)")
    }
  }

  private func isLiveFormat(_ item: ItemIndex) -> Bool {
    items[item].kind == .format && !items[item].isDeleted
  }

  private func advance(_ position: inout TextPosition) {
    if isLiveFormat(position.right) {
      let (key, value) = format(position.right)
      position.attributes.apply(key, value)
    }
    position.left = position.right
    position.right = items[position.right].right
  }

  /// The place of a text index, right behind the unit before it, with the formats in force there.
  mutating func textPosition(_ type: TypeIndex, _ index: Int) -> TextPosition {
    if !types[type].hasFormatting {
      let left = listPosition(type, index)
      return TextPosition(left: left, right: left == .none ? types[type].first : items[left].right)
    }
    forgetCursor(in: type)
    var position = TextPosition(left: .none, right: types[type].first)
    var rest = UInt64(index)
    var steps = 0
    if types[type].listIndex != .none, index > 0 {
      let place = formattedPlace(type, before: index)
      position = place.position
      rest -= UInt64(place.start)
    }
    while rest > 0, position.right != .none {
      let record = items[position.right]
      if record.isLiveAndCountable {
        if rest < record.length { _ = split(position.right, at: rest) }
        rest -= min(rest, record.length)
      }
      advance(&position)
      steps += 1
    }
    visitedItems &+= steps
    // The next place will be found sooner.
    if steps > ListIndex.minimumItems { makeListIndex(type) }
    return position
  }

  // MARK: - Markers

  private mutating func insertMarker(
    _ author: ClientIndex, _ type: TypeIndex, _ key: String, _ value: TextAttributes.Value,
    at position: inout TextPosition
  ) {
    var writer = ByteWriter()
    writer.string(key)
    value.json.withUnsafeBufferPointer { writer.prefixed($0) }
    position.right = writer.withBytes { insertBytes(author, .format, $0, in: type, after: position.left) }
    advance(&position)
  }

  /// Moves over deleted items and over markers that say what is wanted anyway.
  private func skipMatching(_ position: inout TextPosition, _ wanted: TextAttributes) {
    while position.right != .none {
      if !items[position.right].isDeleted {
        guard items[position.right].kind == .format else { return }
        let (key, value) = format(position.right)
        guard (wanted[key] ?? .null).matches(value) else { return }
      }
      advance(&position)
    }
  }

  /// Puts in the markers that turn the formats in force into the wanted ones, and returns what restores them.
  private mutating func openFormats(
    _ author: ClientIndex, _ type: TypeIndex, _ position: inout TextPosition, _ wanted: TextAttributes
  ) -> TextAttributes {
    var negated = TextAttributes()
    for key in wanted.keys {
      let value = wanted[key] ?? .null
      let current = position.attributes[key] ?? .null
      guard !current.matches(value) else { continue }
      negated[key] = current
      insertMarker(author, type, key, value, at: &position)
    }
    return negated
  }

  private mutating func closeFormats(
    _ author: ClientIndex, _ type: TypeIndex, _ position: inout TextPosition, _ negated: TextAttributes
  ) {
    var negated = negated
    while position.right != .none {
      if !items[position.right].isDeleted {
        guard items[position.right].kind == .format else { break }
        let (key, value) = format(position.right)
        guard let wanted = negated[key], wanted.matches(value) else { break }
        negated[key] = nil
      }
      advance(&position)
    }
    for key in negated.keys { insertMarker(author, type, key, negated[key] ?? .null, at: &position) }
  }

  // MARK: - Edits

  /// Inserts content at a place so that it has exactly the wanted formats. `insert` links it behind the item given.
  mutating func insertFormatted(
    _ author: ClientIndex, _ type: TypeIndex, _ position: inout TextPosition, _ wanted: TextAttributes,
    _ insert: (inout Store, ItemIndex) -> ItemIndex
  ) {
    var wanted = wanted
    for key in position.attributes.keys where wanted[key] == nil { wanted[key] = .null }
    skipMatching(&position, wanted)
    let negated = openFormats(author, type, &position, wanted)
    position.right = insert(&self, position.left)
    advance(&position)
    closeFormats(author, type, &position, negated)
  }

  /// Gives `count` units the formats; behind the text's end line breaks are added, as Yjs does for its editors.
  mutating func formatText(
    _ author: ClientIndex, _ type: TypeIndex, _ position: inout TextPosition, _ count: Int, _ wanted: TextAttributes
  ) {
    skipMatching(&position, wanted)
    var negated = openFormats(author, type, &position, wanted)
    var rest = UInt64(count)
    scan: while position.right != .none {
      let item = items[position.right]
      guard rest > 0 || (!negated.isEmpty && (item.isDeleted || item.kind == .format)) else { break }
      if !item.isDeleted {
        if item.kind == .format {
          let (key, value) = format(position.right)
          if let target = wanted[key] {
            if target.matches(value) {
              negated[key] = nil
            } else {
              if rest == 0 { break scan }
              negated[key] = value
            }
            delete(position.right)
          } else {
            position.attributes[key] = value
          }
        } else {
          if rest < item.length { _ = split(position.right, at: rest) }
          rest -= min(rest, item.length)
        }
      }
      advance(&position)
    }
    if rest > 0 {
      let padding = [UInt8](repeating: UInt8(ascii: "\n"), count: Int(rest))
      position.right = padding.withUnsafeBufferPointer { insertText(author, $0, in: type, after: position.left) }
      advance(&position)
    }
    closeFormats(author, type, &position, negated)
  }

  /// Deletes `count` units and the markers in the gap that have become redundant.
  mutating func deleteText(_ type: TypeIndex, _ position: inout TextPosition, _ count: Int) {
    let start = position.right
    let startAttributes = position.attributes
    var rest = UInt64(count)
    while rest > 0, position.right != .none {
      let item = items[position.right]
      if item.isLiveAndCountable {
        if rest < item.length { _ = split(position.right, at: rest) }
        rest -= min(rest, item.length)
        keepCursor { [right = position.right] in $0.delete(right) }
      }
      advance(&position)
    }
    if types[type].hasFormatting, start != .none {
      cleanGap(from: start, to: position.right, startAttributes, &position.attributes)
    }
  }

  private mutating func cleanGap(
    from start: ItemIndex, to current: ItemIndex, _ startAttributes: TextAttributes,
    _ currentAttributes: inout TextAttributes
  ) {
    var end = start
    var lastMarkers: [String: ItemIndex] = [:]
    while end != .none, items[end].isDeleted || !items[end].kind.isCountable {
      if isLiveFormat(end) { lastMarkers[format(end).key] = end }
      end = items[end].right
    }
    var hasReachedCurrent = false
    var item = start
    while item != end {
      if item == current { hasReachedCurrent = true }
      if isLiveFormat(item) {
        let (key, value) = format(item)
        let before = startAttributes[key] ?? .null
        if lastMarkers[key] != item || Self.isIdentical(before, value) {
          delete(item)
          if !hasReachedCurrent, Self.isIdentical(currentAttributes[key] ?? .null, value),
            !Self.isIdentical(before, value)
          {
            currentAttributes.apply(key, before)
          }
        } else if !hasReachedCurrent {
          currentAttributes.apply(key, value)
        }
      }
      item = items[item].right
    }
  }

  /// Equal as JavaScript's `===`: objects only if they are the same.
  private static func isIdentical(_ a: TextAttributes.Value, _ b: TextAttributes.Value) -> Bool {
    a.json == b.json && (!a.isObject || a.marker == b.marker)
  }
}
