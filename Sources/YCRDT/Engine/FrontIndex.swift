/// What clients put last at one place, each in front of what it had put there before, without knowing of each other: two
/// people, say, who insert line after line at the top of a list while they are offline.
///
/// Everything from the place to the front of a client, if anything, comes before what the client puts there next, up to
/// the last item. So whoever has passed it once need not pass it again, and n such items do not cost n² steps.
struct FrontIndex {
  /// A client and the clock of its front.
  struct Front: BitwiseCopyable {
    let client: ClientID
    var clock: UInt64
  }

  private let parent: TypeIndex
  private let key: KeyIndex
  private let originClient: ClientIndex
  private let originClock: UInt64
  /// In order of their clients, which is the order in which they stand in the list.
  private(set) var fronts: [Front] = []

  /// An index of the place right of an item's origin.
  init(_ item: Item) {
    parent = item.parent
    key = item.key
    originClient = item.originClient
    originClock = item.hasOrigin ? item.originClock : 0
  }

  var isEmpty: Bool { fronts.isEmpty }

  func isInList(_ item: Item) -> Bool { item.parent == parent && item.key == key }

  func isPlace(of item: Item) -> Bool {
    isInList(item) && item.originClient == originClient && (!item.hasOrigin || item.originClock == originClock)
  }

  func isFront(_ client: ClientID, _ clock: UInt64) -> Bool {
    fronts.contains { $0.client == client && $0.clock == clock }
  }

  mutating func set(_ client: ClientID, _ clock: UInt64) {
    if let index = fronts.firstIndex(where: { $0.client == client }) {
      fronts[index].clock = clock
    } else {
      fronts.insert(Front(client: client, clock: clock), at: fronts.firstIndex { $0.client > client } ?? fronts.count)
    }
  }

  mutating func removeAll(where isStale: (Front) -> Bool) { fronts.removeAll(where: isStale) }
}
