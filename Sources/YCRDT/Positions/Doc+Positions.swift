/// Where a relative position is now.
public struct AbsolutePosition {
  /// The list or text it lies in. If that was deleted, the index is 0.
  public let type: YElement
  /// The index; of a text in UTF-16 code units.
  public let index: Int
}

extension Doc {
  /// Finds a position; nil if the unit it holds on to has not arrived, or was collected as garbage.
  ///
  /// If that unit was deleted, the position is where it was. If an undo manager of this document brought it back, the
  /// position is there, unless `followingUndo` is off. O(items before it).
  public func resolve(_ position: RelativePosition, followingUndo: Bool = true) -> AbsolutePosition? {
    guard let place = store.resolve(position, followingUndo) else { return nil }
    return AbsolutePosition(type: element(.type(place.type)), index: place.index)
  }
}

extension TypeHandle {
  fileprivate func position(
    at index: Int, _ association: RelativePosition.Association
  ) throws(YError) -> RelativePosition {
    guard !isDeleted else { throw .typeDeleted }
    try check(index)
    let unit = association == .left ? index - 1 : index
    guard unit >= 0, unit < length else {
      return RelativePosition(edgeOf: doc.store.positionParent(type), association: association)
    }
    return RelativePosition(
      item: doc.store.unit(type, unit), in: doc.store.positionParent(type), association: association)
  }
}

extension YText {
  /// The position of an index, to be found again by ``Doc/resolve(_:followingUndo:)``. O(items from the nearest end).
  public func relativePosition(
    at index: Int, association: RelativePosition.Association = .right
  ) throws(YError) -> RelativePosition {
    try position(at: index, association)
  }
}

extension YArray {
  /// The position of an index, to be found again by ``Doc/resolve(_:followingUndo:)``. O(items from the nearest end).
  public func relativePosition(
    at index: Int, association: RelativePosition.Association = .right
  ) throws(YError) -> RelativePosition {
    try position(at: index, association)
  }
}

extension XmlContainerHandle {
  public func relativePosition(
    at index: Int, association: RelativePosition.Association
  ) throws(YError) -> RelativePosition {
    try position(at: index, association)
  }
}

extension Store {
  func positionParent(_ type: TypeIndex) -> RelativePosition.Parent {
    let item = types[type].item
    return item == .none ? .root(keys.string(types[type].name)) : .type(id(of: item))
  }

  /// The id of an item's first unit.
  func id(of item: ItemIndex) -> ID {
    ID(client: clients.records[items[item].client].id, clock: items[item].clock)
  }

  /// The id of the unit at an index of a list, which is less than its length.
  mutating func unit(_ type: TypeIndex, _ index: Int) -> ID {
    let (item, start) = locate(type, index + 1)
    return ID(client: clients.records[items[item].client].id, clock: items[item].clock + UInt64(index - start))
  }

  func resolve(_ position: RelativePosition, _ followingUndo: Bool) -> (type: TypeIndex, index: Int)? {
    let isRight = position.association == .right
    guard let unit = position.item else {
      guard let type = position.parent.flatMap({ findType($0, followingUndo) }) else { return nil }
      return (type, isRight ? Int(types[type].length) : 0)
    }
    guard let (item, offset) = locate(unit, followingUndo) else { return nil }
    let record = items[item]
    guard !record.isGC else { return nil }
    guard isAlive(record.parent) else { return (record.parent, 0) }
    let before = listIndex(of: item)
    return (record.parent, record.isLiveAndCountable ? before + Int(offset) + (isRight ? 0 : 1) : before)
  }

  /// The type that a position lies in; nil if it is not here.
  func findType(_ parent: RelativePosition.Parent, _ followingUndo: Bool) -> TypeIndex? {
    switch parent {
    case .root(let name):
      let type = findRoot(keys.find(name))
      return type == .none ? nil : type
    case .type(let id):
      guard let (item, _) = locate(id, followingUndo), items[item].kind == .type else { return nil }
      return items[item].content
    }
  }

  /// The item that holds a unit, and where in it; nil if it has not arrived.
  private func locate(_ id: ID, _ followingUndo: Bool) -> (item: ItemIndex, offset: UInt64)? {
    let id = followingUndo ? redone.last(of: id) : id
    let client = clients.find(id.client)
    guard client != .none, id.clock < clients.records[client].next else { return nil }
    let item = find(client, id.clock)
    return (item, id.clock - items[item].clock)
  }
}
