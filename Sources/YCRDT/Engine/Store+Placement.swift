/// Finding the place of an item among those that were put there without knowing of each other.
extension Store {
  /// Whether anything stands between the neighbours that a new item was given.
  @inline(__always) func needsScan(_ item: UnsafePointer<Item>) -> Bool {
    if item.pointee.left != .none { return items.pointer(item.pointee.left).pointee.right != item.pointee.right }
    return item.pointee.right == .none || items.pointer(item.pointee.right).pointee.left != .none
  }

  /// The item to stand behind, for a new item whose neighbours are not adjacent.
  @inline(never) mutating func findPlace(_ item: Item, _ entry: UInt32) -> ItemIndex {
    if let siblings, siblings.place == SiblingIndex.Place(item), let left = placeAmongSiblings(item, siblings) {
      return left
    }
    if let fronts, let left = placeBeforeFront(item, fronts) { return left }
    var passed = PassedItems()
    let left = scan(item, from: firstBetween(item, entry), behind: item.left, &passed)
    if passed.count > siblingThreshold {
      siblings = siblingIndex(around: item, entry)
      noteFront(item)
    }
    return left
  }

  private func firstBetween(_ item: Item, _ entry: UInt32) -> ItemIndex {
    if item.left != .none { return items[item.left].right }
    return entry != .none ? entries.entries[entry].first : types[item.parent].first
  }

  /// Passes what stands from `other` on, as long as the new item comes behind it or may do so.
  ///
  /// The algorithm is that of Nicolaescu et al., "Near Real-Time Peer-to-Peer Shared Editing on Extensible Data
  /// Types" (2016), as Yjs applies it.
  private mutating func scan(
    _ item: Item, from other: ItemIndex, behind left: ItemIndex, _ passed: inout PassedItems
  ) -> ItemIndex {
    var (other, left) = (other, left)
    let id = clients.records[item.client].id
    while other != .none && other != item.right {
      let candidate = items[other]
      passed.append(other)
      scannedItems &+= 1
      if candidate.originClient == item.originClient && candidate.originClock == item.originClock {
        if clients.records[candidate.client].id < id {
          left = other
          passed.clearConflicting()
        } else if candidate.rightClient == item.rightClient && candidate.rightClock == item.rightClock {
          break
        }
      } else if candidate.hasOrigin {
        guard let place = passed.place(of: find(candidate.originClient, candidate.originClock)) else { break }
        if place < passed.firstConflicting {
          left = other
          passed.clearConflicting()
        }
      } else {
        break
      }
      other = candidate.right
    }
    return left
  }

  // MARK: - Many siblings

  /// Indexes everything between an item's neighbours, if these are siblings of the item and what belongs to them, and
  /// nothing else.
  private mutating func siblingIndex(around item: Item, _ entry: UInt32) -> SiblingIndex? {
    let place = SiblingIndex.Place(item)
    var siblings: [SiblingIndex.Sibling] = []
    var passed = PassedItems()
    var other = firstBetween(item, entry)
    while other != .none && other != item.right {
      let candidate = items[other]
      passed.append(other)
      scannedItems &+= 1
      if place.hasOrigin(of: candidate) {
        let client = clients.records[candidate.client].id
        guard place.hasRightOrigin(of: candidate), siblings.last.map({ $0.client < client }) ?? true else { return nil }
        siblings.append(SiblingIndex.Sibling(client: client, clock: candidate.clock))
      } else {
        guard candidate.hasOrigin, passed.place(of: find(candidate.originClient, candidate.originClock)) != nil else {
          return nil
        }
      }
      other = candidate.right
    }
    return siblings.isEmpty ? nil : SiblingIndex(place, siblings)
  }

  /// Where the scan would end, if the index can tell.
  private mutating func placeAmongSiblings(_ item: Item, _ siblings: SiblingIndex) -> ItemIndex? {
    let client = clients.records[item.client].id
    if let next = siblings.first(notBefore: client) {
      guard let following = record(of: next, siblings.place) else { return nil }
      return items[following].left
    }
    // Behind the last one, and behind what was written behind it.
    guard let last = record(of: siblings.last, siblings.place) else { return nil }
    var passed = PassedItems()
    passed.append(last)
    passed.clearConflicting()
    var left = last
    while items[left].right != .none && items[left].right != item.right {
      let next = items[left].right
      let candidate = items[next]
      scannedItems &+= 1
      guard candidate.hasOrigin, passed.place(of: find(candidate.originClient, candidate.originClock)) != nil else {
        return nil
      }
      passed.append(next)
      left = next
    }
    return left
  }

  /// The record that starts with a sibling's first id.
  private func record(of sibling: SiblingIndex.Sibling, _ place: SiblingIndex.Place) -> ItemIndex? {
    let index = find(clients.find(sibling.client), sibling.clock)
    let item = items[index]
    guard !item.isGC, item.clock == sibling.clock, place == SiblingIndex.Place(item) else { return nil }
    return index
  }

  /// Keeps the index true to the list, in which a new item has found its left neighbour.
  ///
  /// What is placed right behind its origin, or among the siblings, changes nothing for them. Anything else may have come
  /// between them, so that they have to be looked at anew.
  mutating func noteForSiblings(_ item: Item) {
    guard let place = siblings?.place, item.parent == place.parent, item.key == place.key else { return }
    if place == SiblingIndex.Place(item) {
      siblings?.insert(SiblingIndex.Sibling(client: clients.records[item.client].id, clock: item.clock))
    } else if place.hasOrigin(of: item) || !isBehindItsOrigin(item) {
      siblings = nil
    }
  }

  /// Whether an item was put right behind its origin. A forged one whose right origin is its origin, or within the same
  /// record, may be in front of it.
  func isBehindItsOrigin(_ item: Item) -> Bool {
    guard item.hasOrigin, item.left != .none else { return false }
    let left = items[item.left]
    return left.client == item.originClient && left.end == item.originClock + 1
  }
}

/// The items a scan has passed, in order. Those from `firstConflicting` on still conflict with the new item.
struct PassedItems {
  private var items: [ItemIndex] = []
  /// Places of the first items; filled only when somebody asks for one that is far back.
  private var places: [ItemIndex: Int] = [:]
  private(set) var firstConflicting = 0

  var count: Int { items.count }

  mutating func append(_ item: ItemIndex) {
    items.append(item)
  }

  mutating func clearConflicting() {
    firstConflicting = items.count
  }

  mutating func place(of item: ItemIndex) -> Int? {
    let near = max(0, items.count - 16)
    if let place = items[near...].lastIndex(of: item) { return place }
    while places.count < near { places[items[places.count]] = places.count }
    return places[item]
  }
}
