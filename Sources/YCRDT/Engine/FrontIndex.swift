/// Items at one place, right of an origin, in front of which others go on: two people, say, insert line after line at the
/// top of a list while they are offline.
///
/// A front has a least client: whoever is not smaller, and has the place's origin and the front for right origin, passes
/// all that is between the two, and comes right in front of the front. So n such items do not cost n² steps. Every new
/// item at the place could be a front, with its own client for the least: its scan has passed all that it stands behind.
///
/// What is integrated later between the origin and a front does not change that:
/// - An item of a smaller client at the place is passed, and the others still are: the more a scan has passed, the more it
///   passes.
/// - An item of the least client or a greater one at the place does not hinder what behind it is passed. No scan stops at
///   it: it does not have the front for right origin, or would have passed all, too, and be right in front.
/// - An item at the place that comes right in front of a front takes over from it, as nothing is passed between the two.
/// - An item with an origin between the two is passed if its origin is, or else does not hinder, as above. Last of all it
///   is passed, since the one that was the last has been.
///
/// At an item with any other origin a scan stops, so that nothing is known any more if one comes there.
struct FrontIndex {
  private let parent: TypeIndex
  private let key: KeyIndex
  private let originClient: ClientIndex
  private let originClock: UInt64
  /// The fronts' least clients. Fronts are named by id, since splitting and merging gives them other records.
  private var leastClients: [ID: ClientID] = [:]

  /// An index of the place right of an item's origin.
  init(_ item: Item) {
    parent = item.parent
    key = item.key
    originClient = item.originClient
    originClock = item.hasOrigin ? item.originClock : 0
  }

  func isInList(_ item: Item) -> Bool { item.parent == parent && item.key == key }

  func isPlace(of item: Item) -> Bool {
    isInList(item) && item.originClient == originClient && (!item.hasOrigin || item.originClock == originClock)
  }

  /// Whether an item of the client at the place comes right in front of its right origin, a front.
  func leads(_ client: ClientID, inFrontOf right: ID) -> Bool {
    leastClients[right].map { $0 <= client } ?? false
  }

  /// Makes a new item at the place a front.
  mutating func insert(_ front: ID) { leastClients[front] = front.client }

  /// Notes that a new item has come right in front of another one.
  mutating func replace(_ front: ID, by item: ID) {
    guard let client = leastClients.removeValue(forKey: front) else { return }
    leastClients[item] = min(client, item.client)
  }
}
