/// What all shared types have in common: a handle to one type of one document.
///
/// Handles are small values. Two are equal if they stand for the same type of the same document. A handle stays valid
/// when its type is deleted: it then reads as empty, and writing throws `YError.typeDeleted`.
public protocol SharedType: Hashable, CustomStringConvertible {
  /// The document it belongs to.
  var doc: Doc { get }
  /// Whether the type was deleted, itself or with something around it.
  var isDeleted: Bool { get }
  /// The type that it lies in; nil for a root and for what was deleted.
  var parent: YElement? { get }
  /// Its present content as a plain value, as Yjs' `toJSON` gives it.
  var json: YValue { get }
  /// The same as JSON text, UTF-8, as JavaScript's `JSON.stringify` writes it: numbers that JSON cannot express are null,
  /// big integers plain numbers, binaries arrays of bytes, and members that are `undefined` are left out. Where only the
  /// text is wanted this is far faster than `json`. O(content).
  func jsonBytes() -> [UInt8]
  /// Calls `handler` after every transaction that changed this type itself.
  func observe(_ handler: @escaping (YEvent) -> Void) -> Subscription
  /// Calls `handler` after every transaction that changed this type or something inside it.
  func observeDeep(_ handler: @escaping ([YEvent]) -> Void) -> Subscription
}

/// The part of the handles that is the engine's.
protocol TypeHandle: SharedType {
  var type: TypeIndex { get }
  init(doc: Doc, type: TypeIndex)
}

extension TypeHandle {
  public static func == (a: Self, b: Self) -> Bool {
    a.doc === b.doc && a.type == b.type
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(doc))
    hasher.combine(type)
  }

  public var description: String { json.description }

  public var isDeleted: Bool { !doc.store.isAlive(type) }

  public var parent: YElement? {
    let parent = doc.store.parent(of: type)
    return parent == .none || isDeleted ? nil : doc.element(.type(parent))
  }

  public func observe(_ handler: @escaping (YEvent) -> Void) -> Subscription {
    doc.observe(.type(type)) { events in events.forEach(handler) }
  }

  public func observeDeep(_ handler: @escaping ([YEvent]) -> Void) -> Subscription {
    doc.observe(.deep(type), handler)
  }

  /// Number of live countable units in the list part.
  var length: Int { Int(doc.store.types[type].length) }

  func check(_ index: Int) throws(YError) {
    guard index >= 0, index <= length else { throw .outOfBounds(index: index, count: length) }
  }

  func check(_ range: Range<Int>) throws(YError) {
    try check(range.lowerBound)
    try check(range.upperBound)
  }

  /// Inserts an empty type into the list part, at the end if no index is given.
  func insertType(_ kind: TypeKind, name: String? = nil, at index: Int?) throws(YError) -> TypeIndex {
    let author = try doc.author(writing: type)
    if let index { try check(index) }
    try doc.reserveType(name: name)
    let left = index.map { doc.store.listPosition(type, $0) } ?? doc.store.types[type].last
    return doc.store.insertType(author, kind, in: type, after: left, name: doc.store.intern(name))
  }
}

extension Store {
  mutating func intern(_ name: String?) -> KeyIndex {
    name.map { keys.intern($0) } ?? .none
  }
}
