/// The items that were put at one place, between the same two neighbours, without knowing of each other: in order of
/// their clients, as they stand in the list.
///
/// A new item among n such siblings has to pass those of smaller clients, so that n of them would cost n² steps. Here its
/// place is found by bisection. Items are named by id, since splitting and merging gives them other records.
struct SiblingIndex {
  /// What siblings have in common.
  struct Place: Hashable {
    let parent: TypeIndex
    let key: KeyIndex
    let originClient: ClientIndex
    let originClock: UInt64
    let rightClient: ClientIndex
    let rightClock: UInt64

    init(_ item: Item) {
      parent = item.parent
      key = item.key
      originClient = item.originClient
      originClock = item.hasOrigin ? item.originClock : 0
      rightClient = item.rightClient
      rightClock = item.hasRightOrigin ? item.rightClock : 0
    }

    func hasOrigin(of item: Item) -> Bool {
      item.originClient == originClient && (!item.hasOrigin || item.originClock == originClock)
    }

    func hasRightOrigin(of item: Item) -> Bool {
      item.rightClient == rightClient && (!item.hasRightOrigin || item.rightClock == rightClock)
    }
  }

  /// A sibling's first id.
  struct Sibling: BitwiseCopyable {
    var client: ClientID
    var clock: UInt64
  }

  /// Lists of fewer siblings are walked.
  static let threshold = 64
  private static let chunkSize = 512

  let place: Place
  /// Never empty, nor is any of its chunks.
  private var chunks: [[Sibling]]

  /// An index of siblings in ascending order of their clients; there must be some.
  init(_ place: Place, _ siblings: [Sibling]) {
    assert(!siblings.isEmpty)
    self.place = place
    chunks = stride(from: 0, to: siblings.count, by: Self.chunkSize / 2).map {
      Array(siblings[$0..<min($0 + Self.chunkSize / 2, siblings.count)])
    }
  }

  var last: Sibling { chunks[chunks.count - 1][chunks[chunks.count - 1].count - 1] }

  /// The first sibling whose client is not smaller.
  func first(notBefore client: ClientID) -> Sibling? {
    let (chunk, slot) = position(of: client)
    return slot < chunks[chunk].count ? chunks[chunk][slot] : nil
  }

  mutating func insert(_ sibling: Sibling) {
    let (chunk, slot) = position(of: sibling.client)
    chunks[chunk].insert(sibling, at: slot)
    guard chunks[chunk].count > Self.chunkSize else { return }
    let half = chunks[chunk].count / 2
    chunks.insert(Array(chunks[chunk][half...]), at: chunk + 1)
    chunks[chunk].removeSubrange(half...)
  }

  /// Where the first sibling stands whose client is not smaller; behind the last one if there is none.
  private func position(of client: ClientID) -> (chunk: Int, slot: Int) {
    let chunk = min(bisect(chunks.count) { chunks[$0][chunks[$0].count - 1].client < client }, chunks.count - 1)
    return (chunk, bisect(chunks[chunk].count) { chunks[chunk][$0].client < client })
  }

  /// How many of the numbers below `count` come before: those for which it holds, which all precede the others.
  private func bisect(_ count: Int, _ comesBefore: (Int) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if comesBefore(middle) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
