/// A shared map from strings to values and shared types. Of concurrent writes to a key one wins, the same everywhere.
public struct YMap: TypeHandle {
  public let doc: Doc
  let type: TypeIndex

  /// Number of keys. O(keys that ever existed).
  public var count: Int { doc.store.liveKeys(type).count }

  /// The keys, in the order in which they first came into this replica.
  public var keys: [String] { doc.store.liveKeys(type).map { doc.store.keys.string($0.key) } }

  /// Whether there are no keys. O(keys that ever existed).
  public var isEmpty: Bool { count == 0 }

  /// What the keys hold, in the order of `keys`.
  public var values: [YElement] { map(\.value) }

  /// What the key holds. O(1).
  public subscript(key: String) -> YElement? {
    let item = doc.store.liveItem(type, doc.store.keys.find(key))
    return item == .none ? nil : doc.element(doc.store.lastElement(item))
  }

  /// Whether the key holds a plain string of these characters, in the same spelling. As the subscript tells it, but
  /// without making the string; O(its length).
  public func holds(_ string: String, at key: String) -> Bool {
    let item = doc.store.liveItem(type, doc.store.keys.find(key))
    guard item != .none else { return false }
    var string = string
    return string.withUTF8 { doc.store.value(item, isString: $0) }
  }

  /// Whether the key is present. O(1).
  public func contains(_ key: String) -> Bool {
    doc.store.liveItem(type, doc.store.keys.find(key)) != .none
  }

  /// Whether the key was ever set, present or not. O(1).
  public func wasEverSet(_ key: String) -> Bool {
    let entry = doc.store.entries.find(type, doc.store.keys.find(key))
    return entry != .none && doc.store.entries.entries[entry].last != .none
  }

  /// The id of what the key holds: its client is who set it. Nil where the key is not present. O(1).
  public func id(of key: String) -> ID? {
    let item = doc.store.liveItem(type, doc.store.keys.find(key))
    return item == .none ? nil : doc.store.id(of: item)
  }

  public var json: YValue { doc.store.json(type, asMap: doc.limits.jsonDepth) }

  // MARK: - Writing

  /// Gives the key a plain value.
  public func set(_ key: String, _ value: YValue) throws(YError) {
    let author = try doc.author(writing: type)
    try doc.check(CollectionOfOne(value))
    try doc.reserve(key: key)
    let index = doc.store.keys.intern(key)
    _ = doc.store.insertValues(author, [value], in: type, after: doc.store.chainEnd(type, index), key: index)
  }

  /// Gives the key a new, empty map.
  @discardableResult
  public func setMap(_ key: String) throws(YError) -> YMap {
    YMap(doc: doc, type: try setType(key, .map))
  }

  /// Gives the key a new, empty array.
  @discardableResult
  public func setArray(_ key: String) throws(YError) -> YArray {
    YArray(doc: doc, type: try setType(key, .array))
  }

  /// Gives the key a new text.
  @discardableResult
  public func setText(_ key: String, _ string: String = "") throws(YError) -> YText {
    try doc.reserve(string.utf8.count)
    let text = YText(doc: doc, type: try setType(key, .text))
    try text.append(string)
    return text
  }

  func setType(_ key: String, _ kind: TypeKind, name: String? = nil) throws(YError) -> TypeIndex {
    let author = try doc.author(writing: type)
    try doc.reserve(key: key)
    try doc.reserveType(name: name)
    let index = doc.store.keys.intern(key)
    return doc.store.insertType(
      author, kind, in: type, after: doc.store.chainEnd(type, index), key: index, name: doc.store.intern(name))
  }

  /// Removes the key if it is present.
  public func removeValue(forKey key: String) throws(YError) {
    _ = try doc.author(writing: type)
    let item = doc.store.liveItem(type, doc.store.keys.find(key))
    if item != .none { doc.store.delete(item) }
  }

  /// Removes all keys.
  public func removeAll() throws(YError) {
    _ = try doc.author(writing: type)
    for (_, item) in doc.store.liveKeys(type) { doc.store.delete(item) }
  }
}

extension YMap: Sequence {
  /// The keys with what they hold, in the order of `keys`, as they are now: changes made meanwhile do not show.
  public func makeIterator() -> AnyIterator<(key: String, value: YElement)> {
    var rest = doc.store.liveKeys(type).map { key, item in
      (key: doc.store.keys.string(key), value: doc.element(doc.store.lastElement(item)))
    }[...]
    return AnyIterator { rest.popFirst() }
  }
}
