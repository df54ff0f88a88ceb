@testable import YCRDT

/// What a client puts into a list: one unit between two others, which are named by their numbers in a history.
struct Insertion: Hashable {
  var client: ClientID
  var origin: Int?
  var right: Int?
}

/// A list as the plain algorithm keeps it that Yjs describes: no index, no records, just the walk to the place.
struct PlainList {
  private(set) var order: [Int] = []

  /// Everything that a history inserts, in its order.
  init(_ history: some Sequence<Int> = [], of insertions: [Insertion] = []) {
    for number in history { insert(number, of: insertions) }
  }

  mutating func insert(_ number: Int, of insertions: [Insertion]) {
    let new = insertions[number]
    var place = new.origin.flatMap { order.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
    var beforeOrigin: Set<Int> = []
    var conflicting: Set<Int> = []
    for index in place..<order.count {
      let other = order[index]
      if other == new.right { break }
      beforeOrigin.insert(other)
      conflicting.insert(other)
      if insertions[other].origin == new.origin {
        if insertions[other].client < new.client {
          place = index + 1
          conflicting = []
        } else if insertions[other].right == new.right {
          break
        }
      } else if let origin = insertions[other].origin, beforeOrigin.contains(origin) {
        if !conflicting.contains(origin) {
          place = index + 1
          conflicting = []
        }
      } else {
        break
      }
    }
    order.insert(number, at: place)
  }
}

/// A document into which a history is inserted, update by update, whose units are never joined to records of several.
struct ListUnderTest {
  let doc = Doc(clientID: 1)
  private var ids: [ID] = []
  private var clocks: [ClientID: UInt64] = [:]

  init(indexingBeyond threshold: Int) { doc.store.siblingThreshold = threshold }

  mutating func insert(_ new: Insertion) throws {
    let id = ID(client: new.client, clock: clocks[new.client, default: 0])
    try doc.apply(update(id, behind: new.origin.map { ids[$0] }, inFrontOf: new.right.map { ids[$0] }))
    clocks[new.client, default: 0] += 1
    ids.append(id)
  }

  /// The numbers of the units in the order in which they stand.
  var order: [Int] {
    let numbers = Dictionary(uniqueKeysWithValues: zip(ids, ids.indices))
    var order: [Int] = []
    var item = doc.store.types[TypeIndex(doc.store.types.count - 1)].first
    while item != .none {
      order.append(numbers[doc.store.id(of: item)] ?? -1)
      item = doc.store.items[item].right
    }
    return order
  }

  private func update(_ id: ID, behind origin: ID?, inFrontOf right: ID?) -> [UInt8] {
    var writer = ByteWriter()
    for number in [1, 1, id.client, id.clock] { writer.varUInt(number) }
    writer.byte(ContentKind.embed.rawValue | (origin == nil ? 0 : 0x80) | (right == nil ? 0 : 0x40))
    for anchor in [origin, right].compactMap(\.self) {
      writer.varUInt(anchor.client)
      writer.varUInt(anchor.clock)
    }
    if origin == nil, right == nil {
      writer.byte(1)
      writer.string("t")
    }
    writer.string("0")
    writer.varUInt(0)
    return writer.bytes
  }
}
