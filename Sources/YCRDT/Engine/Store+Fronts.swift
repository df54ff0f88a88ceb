/// Finding the place of an item that comes in front of the last one there, behind what others have put there.
extension Store {
  /// Where the scan would end, if the item comes in front of a front.
  func placeBeforeFront(_ item: Item, _ fronts: FrontIndex) -> ItemIndex? {
    guard item.right != .none, fronts.isPlace(of: item),
      fronts.leads(clients.records[item.client].id, inFrontOf: id(of: item.right))
    else { return nil }
    return items[item.right].left
  }

  /// Makes an item a front that a scan finds the place of.
  mutating func noteFront(_ item: Item) {
    if fronts?.isPlace(of: item) != true { fronts = FrontIndex(item) }
    let front = firstID(of: item)
    fronts?.insert(front)
  }

  /// Keeps the index true to the list, in which a new item has found its neighbours. Where the origin of one that is not
  /// right behind it stands, is not known.
  mutating func noteForFronts(_ item: Item) {
    guard fronts?.isInList(item) == true else { return }
    if fronts?.isPlace(of: item) != true {
      if !isBehindItsOrigin(item) { fronts = nil }
    } else if item.right != .none {
      let (front, id) = (id(of: item.right), firstID(of: item))
      fronts?.replace(front, by: id)
    }
  }

  private func firstID(of item: Item) -> ID {
    ID(client: clients.records[item.client].id, clock: item.clock)
  }
}
