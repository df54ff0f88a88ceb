/// Finding the place of an item that a client puts in front of its last one, behind what others have put there.
extension Store {
  /// Where the scan would end, if the item comes in front of its client's front.
  func placeBeforeFront(_ item: Item, _ fronts: FrontIndex) -> ItemIndex? {
    guard item.right != .none, items[item.right].client == item.client, fronts.isPlace(of: item),
      fronts.isFront(clients.records[item.client].id, items[item.right].clock)
    else { return nil }
    return items[item.right].left
  }

  /// Makes an item a front, if a scan has passed all that stands before its right neighbour, and stopped nowhere.
  mutating func noteFront(_ item: Item, behind left: ItemIndex, _ passed: inout PassedItems) {
    guard item.right != .none, items[item.right].client == item.client, items[item.right].left == left else { return }
    var index = FrontIndex(item)
    if let fronts, fronts.isPlace(of: item) { index = fronts }
    let client = clients.records[item.client].id
    // Whose fronts are not known to stand before this one have to pass everything once more.
    index.removeAll { front in
      front.client >= client || passed.place(of: find(clients.find(front.client), front.clock)) == nil
    }
    index.set(client, item.clock)
    fronts = index
  }

  /// Keeps the index true to the list, in which a new item has found its neighbours.
  ///
  /// An item of a smaller client at the same place is passed like the others, and so is what was placed right behind its
  /// origin, unless it is the last one before a front: the scan might not go on behind that.
  mutating func noteForFronts(_ item: Item) {
    guard let index = fronts, index.isInList(item) else { return }
    let client = clients.records[item.client].id
    let right = item.right == .none ? nil : items[item.right]
    let rightClient = right.map { clients.records[$0.client].id }
    if index.isPlace(of: item) {
      if index.isFront(client, item.clock) { return }
      if let right, rightClient == client, index.isFront(client, right.clock) {
        fronts?.set(client, item.clock)
      } else {
        fronts?.removeAll { $0.client <= client }
      }
    } else if !isBehindItsOrigin(item) {
      fronts = nil
    } else if let right, let rightClient {
      fronts?.removeAll { $0.client == rightClient && $0.clock == right.clock }
    }
    if fronts?.isEmpty == true { fronts = nil }
  }
}
