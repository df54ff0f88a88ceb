/// What can have XML children: ``YXmlFragment`` and ``YXmlElement``.
///
/// Children are elements, texts and hooks; other programs may have put other types there, too.
public protocol YXmlContainer: SharedType {
  /// Number of children. O(1).
  var count: Int { get }
  /// All children.
  var children: [YElement] { get }
  /// The first child.
  var firstChild: YElement? { get }
  /// The child at an index, nil out of bounds.
  func child(at index: Int) -> YElement?
  /// The index of a child. O(children before it).
  func index(of child: some YXmlChild) throws(YError) -> Int

  /// The position of an index among the children, to be found again by ``Doc/resolve(_:followingUndo:)``.
  func relativePosition(
    at index: Int, association: RelativePosition.Association
  ) throws(YError) -> RelativePosition

  /// Inserts a new element without attributes and children, at the end if no index is given.
  @discardableResult func insertElement(_ name: String, at index: Int?) throws(YError) -> YXmlElement
  /// Inserts a new text, at the end if no index is given.
  @discardableResult func insertText(_ string: String, at index: Int?) throws(YError) -> YXmlText
  /// Inserts a new, empty hook, at the end if no index is given.
  @discardableResult func insertHook(_ name: String, at index: Int?) throws(YError) -> YXmlHook
  /// Removes the child at an index.
  func removeChild(at index: Int) throws(YError)
  /// Removes the children of a range.
  func removeChildren(_ range: Range<Int>) throws(YError)
}

/// What can stand among the children of a fragment or element: ``YXmlElement``, ``YXmlText`` and ``YXmlHook``.
public protocol YXmlChild: SharedType {
  /// The next child of the same parent.
  var nextSibling: YElement? { get }
  /// The child of the same parent that is before this one.
  var previousSibling: YElement? { get }
}

extension YXmlContainer {
  /// The position of an index among the children, which holds on to the child behind it.
  public func relativePosition(at index: Int) throws(YError) -> RelativePosition {
    try relativePosition(at: index, association: .right)
  }

  /// Appends a new element without attributes and children.
  @discardableResult
  public func appendElement(_ name: String) throws(YError) -> YXmlElement { try insertElement(name, at: nil) }

  /// Appends a new text.
  @discardableResult
  public func appendText(_ string: String = "") throws(YError) -> YXmlText { try insertText(string, at: nil) }

  /// Appends a new, empty hook.
  @discardableResult
  public func appendHook(_ name: String) throws(YError) -> YXmlHook { try insertHook(name, at: nil) }
}

protocol XmlContainerHandle: TypeHandle, YXmlContainer {}

extension XmlContainerHandle {
  public var count: Int { length }

  public var children: [YElement] { doc.store.listElements(type).map { doc.element($0) } }

  public var firstChild: YElement? { child(at: 0) }

  public func child(at index: Int) -> YElement? {
    index < 0 ? nil : doc.store.listElement(type, index).map { doc.element($0) }
  }

  public func index(of child: some YXmlChild) throws(YError) -> Int {
    guard child.doc === doc else { throw .otherDocument }
    guard let handle = child as? any TypeHandle, !handle.isDeleted, doc.store.parent(of: handle.type) == type,
      let index = doc.store.listIndex(ofType: handle.type)
    else { throw .notAChild }
    return index
  }

  public func insertElement(_ name: String, at index: Int?) throws(YError) -> YXmlElement {
    YXmlElement(doc: doc, type: try insertType(.xmlElement, name: name, at: index))
  }

  public func insertText(_ string: String, at index: Int?) throws(YError) -> YXmlText {
    try doc.reserve(string.utf8.count)
    let text = YXmlText(doc: doc, type: try insertType(.xmlText, at: index))
    try text.text.append(string)
    return text
  }

  public func insertHook(_ name: String, at index: Int?) throws(YError) -> YXmlHook {
    YXmlHook(doc: doc, type: try insertType(.xmlHook, name: name, at: index))
  }

  public func removeChild(at index: Int) throws(YError) {
    guard index < .max else { throw .outOfBounds(index: index, count: count) }
    try removeChildren(index..<index + 1)
  }

  public func removeChildren(_ range: Range<Int>) throws(YError) {
    _ = try doc.author(writing: type)
    try check(range)
    if !range.isEmpty { doc.store.deleteList(type, range.lowerBound, range.count) }
  }
}

protocol XmlChildHandle: TypeHandle, YXmlChild {}

extension XmlChildHandle {
  public var nextSibling: YElement? { doc.store.sibling(of: type, \.right).map { doc.element($0) } }

  public var previousSibling: YElement? { doc.store.sibling(of: type, \.left).map { doc.element($0) } }
}

extension Store {
  /// The type that holds a type; `.none` for a root and for what was deleted.
  func parent(of type: TypeIndex) -> TypeIndex {
    let item = types[type].item
    return item == .none ? .none : items[item].parent
  }

  /// Where a type stands in the list of its parent; nil if it is no list element.
  func listIndex(ofType type: TypeIndex) -> Int? {
    let item = types[type].item
    guard item != .none, items[item].key == .none else { return nil }
    return listIndex(of: item)
  }

  /// What stands next to a type in its parent's list.
  fileprivate func sibling(of type: TypeIndex, _ next: KeyPath<Item, ItemIndex>) -> ItemElement? {
    var item = types[type].item
    guard item != .none, !items[item].isDeleted, items[item].key == .none else { return nil }
    repeat { item = items[item][keyPath: next] } while item != .none && !items[item].isLiveAndCountable
    guard item != .none else { return nil }
    return next == \.left ? elements(item).last : elements(item).first
  }
}
