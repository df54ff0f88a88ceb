/// What all shared types have in common: a handle to one type of one document.
///
/// Handles are small values. Two are equal if they stand for the same type of the same document. A handle stays valid
/// when its type is deleted: it then reads as empty, and writing throws `YError.typeDeleted`.
public protocol SharedType: Hashable {
  /// The document it belongs to.
  var doc: Doc { get }
  /// Whether the type was deleted, itself or with something around it.
  var isDeleted: Bool { get }
  /// Its present content as a plain value, as Yjs' `toJSON` gives it.
  var json: YValue { get }
  /// Calls `handler` after every transaction that changed this type itself.
  func observe(_ handler: @escaping (YEvent) -> Void) -> Subscription
  /// Calls `handler` after every transaction that changed this type or something inside it.
  func observeDeep(_ handler: @escaping ([YEvent]) -> Void) -> Subscription
}

/// The part of the handles that is the engine's.
protocol TypeHandle: SharedType {
  var type: TypeIndex { get }
}

extension TypeHandle {
  public static func == (a: Self, b: Self) -> Bool {
    a.doc === b.doc && a.type == b.type
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(doc))
    hasher.combine(type)
  }

  public var isDeleted: Bool { !doc.store.isAlive(type) }

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
}
