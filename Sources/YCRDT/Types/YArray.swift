/// A shared list of values and shared types.
public struct YArray: TypeHandle {
  public let doc: Doc
  let type: TypeIndex

  /// Number of elements. O(1).
  public var count: Int { length }
  /// Whether there are no elements.
  public var isEmpty: Bool { length == 0 }

  /// The element at an index, `undefined` out of bounds, as in Yjs. To go through all elements, `elements` or a
  /// for loop is faster.
  public subscript(index: Int) -> YElement {
    guard index >= 0, let element = doc.store.listElement(type, index) else { return .value(.undefined) }
    return doc.element(element)
  }

  /// All elements.
  public var elements: [YElement] { doc.store.listElements(type).map { doc.element($0) } }

  public var json: YValue { doc.store.json(type, asArray: doc.limits.jsonDepth) }

  // MARK: - Writing

  /// Inserts plain values in front of the element at `index`, or at the end.
  public func insert(_ values: [YValue], at index: Int) throws(YError) {
    let author = try doc.author(writing: type)
    try check(index)
    try doc.check(values, inArray: true)
    _ = doc.store.insertValues(author, values[...], in: type, after: doc.store.listPosition(type, index))
  }

  /// Inserts plain values at the end.
  public func append(_ values: [YValue]) throws(YError) {
    let author = try doc.author(writing: type)
    try doc.check(values, inArray: true)
    _ = doc.store.insertValues(author, values[...], in: type, after: doc.store.types[type].last)
  }

  /// Inserts a new, empty map.
  @discardableResult
  public func insertMap(at index: Int) throws(YError) -> YMap {
    YMap(doc: doc, type: try insertType(.map, at: index))
  }

  /// Inserts a new, empty map at the end.
  @discardableResult
  public func appendMap() throws(YError) -> YMap {
    YMap(doc: doc, type: try insertType(.map, at: nil))
  }

  /// Inserts a new, empty array.
  @discardableResult
  public func insertArray(at index: Int) throws(YError) -> YArray {
    YArray(doc: doc, type: try insertType(.array, at: index))
  }

  /// Inserts a new, empty array at the end.
  @discardableResult
  public func appendArray() throws(YError) -> YArray {
    YArray(doc: doc, type: try insertType(.array, at: nil))
  }

  /// Inserts a new text.
  @discardableResult
  public func insertText(_ string: String = "", at index: Int) throws(YError) -> YText {
    try doc.reserve(string.utf8.count)
    let text = YText(doc: doc, type: try insertType(.text, at: index))
    try text.append(string)
    return text
  }

  /// Inserts a new text at the end.
  @discardableResult
  public func appendText(_ string: String = "") throws(YError) -> YText {
    try doc.reserve(string.utf8.count)
    let text = YText(doc: doc, type: try insertType(.text, at: nil))
    try text.append(string)
    return text
  }

  /// Removes the element at an index.
  public func remove(at index: Int) throws(YError) {
    guard index < .max else { throw .outOfBounds(index: index, count: count) }
    try removeSubrange(index..<index + 1)
  }

  /// Removes all elements.
  public func removeAll() throws(YError) {
    try removeSubrange(0..<count)
  }

  /// Removes the elements of a range.
  public func removeSubrange(_ range: Range<Int>) throws(YError) {
    _ = try doc.author(writing: type)
    try check(range)
    if !range.isEmpty { doc.store.deleteList(type, range.lowerBound, range.count) }
  }
}

extension YArray: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { length }

  /// The part of a range that is in bounds.
  public subscript(bounds: Range<Int>) -> Slice<YArray> {
    Slice(base: self, bounds: bounds.clamped(to: 0..<count))
  }

  /// The elements as they are now: changes made meanwhile do not show.
  public func makeIterator() -> IndexingIterator<[YElement]> { elements.makeIterator() }
}
