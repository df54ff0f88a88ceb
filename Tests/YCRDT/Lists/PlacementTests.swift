import TestSupport
import Testing

@testable import YCRDT

/// Wherever the engine finds places by its indexes, it must find those of the plain algorithm.
@Suite struct PlacementTests {
  private func expectPlainOrder(_ history: [Insertion], indexingBeyond threshold: Int = 0, _ note: String = "") throws {
    var list = ListUnderTest(indexingBeyond: threshold)
    for new in history { try list.insert(new) }
    #expect(list.order == PlainList(history.indices, of: history).order, "\(history) \(note)")
  }

  // MARK: - All small histories

  /// Everything that three clients can do in four steps, if each may know of the others what it likes, in every order in
  /// which that can arrive.
  @Test func everyShortHistoryLeadsToThePlainOrder() throws {
    var histories: Set<SmallHistory> = [SmallHistory()]
    for _ in 0..<4 { histories = Set(histories.flatMap(\.continuations)) }
    let distinct = Set(histories.map(\.insertions))
    #expect(distinct.count == 5_280)
    for history in distinct { try expectPlainOrder(history) }
  }

  /// Client 20 goes on in front of what it wrote, behind what client 10 wrote. Then come two items with any anchors.
  @Test(arguments: [false, true]) func whateverFollowsAFrontFindsThePlainPlace(isBehindOther: Bool) throws {
    let place = isBehindOther ? 0 : nil
    var front = [Insertion(client: 10, origin: place), Insertion(client: 20, origin: place)]
    if isBehindOther { front.insert(Insertion(client: 20), at: 0) }
    front.append(Insertion(client: 10, origin: place, right: front.count - 2))
    front.append(Insertion(client: 20, origin: place, right: front.count - 2))
    var list = ListUnderTest(indexingBeyond: 1)
    for new in front { try list.insert(new) }
    #expect(list.doc.store.fronts != nil)
    for first in insertions(into: front) {
      let history = front + [first]
      for second in insertions(into: history) where second.origin == place {
        try expectPlainOrder(history + [second], indexingBeyond: 1)
      }
    }
  }

  /// By the clients that wrote the rest and by others before, between and after them.
  private func insertions(into history: [Insertion]) -> [Insertion] {
    let anchors: [Int?] = [nil] + history.indices.map { $0 }
    return [5, 10, 20, 25].flatMap { client in
      anchors.flatMap { origin in
        anchors.filter { $0 != origin || $0 == nil }.map { Insertion(client: client, origin: origin, right: $0) }
      }
    }
  }

  // MARK: - Random longer histories

  @Test(arguments: UInt64(1)...60) func peopleWhoKnowLittleOfEachOtherFindThePlainPlaces(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var history: [Insertion] = []
    var authors = (0..<Int.random(in: 2...5, using: &random)).map { Author(client: ClientID($0 * 10 + 10)) }
    let sociability = Int.random(in: 0...10, using: &random)
    for _ in 0..<80 {
      let index = authors.indices.randomElement(using: &random) ?? 0
      if Int.random(in: 0..<40, using: &random) < sociability, let other = authors.randomElement(using: &random) {
        authors[index].learn(from: other, history)
      }
      let gap = [0, 1, 1, 1, 2, authors[index].list.order.count].randomElement(using: &random) ?? 0
      authors[index].insert(at: gap, &history)
    }
    try expectPlainOrder(history, indexingBeyond: Int.random(in: 0...8, using: &random), "seed \(seed)")
  }

  /// Most in front of a client's last one at the same place, others at any.
  @Test(arguments: UInt64(1)...60) func forgedAnchorsLeadToThePlainPlaces(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var history: [Insertion] = []
    var fronts: [ClientID: Int] = [:]
    let clients = (1...Int.random(in: 2...5, using: &random)).map { ClientID($0 * 10) }
    let place = Bool.random(using: &random) ? nil : 0
    let oddness = Int.random(in: 0...16, using: &random)
    for number in 0..<80 {
      var new = Insertion(client: clients.randomElement(using: &random) ?? 10)
      if number > 0 { (new.origin, new.right) = (place, fronts[new.client]) }
      if Int.random(in: 0..<40, using: &random) < oddness {
        new.right =
          [fronts.values.randomElement(using: &random), history.indices.randomElement(using: &random)]
          .randomElement(using: &random) ?? nil
        if Bool.random(using: &random) {
          new.origin = [nil, history.indices.randomElement(using: &random)].randomElement(using: &random) ?? nil
        }
        if new.origin == new.right { new.right = nil }
      }
      if new.origin == place { fronts[new.client] = number }
      history.append(new)
    }
    try expectPlainOrder(history, indexingBeyond: Int.random(in: 0...8, using: &random), "seed \(seed)")
  }
}

/// Somebody who inserts into a list of what he knows.
private struct Author {
  let client: ClientID
  private(set) var known: Set<Int> = []
  private(set) var list = PlainList()

  init(client: ClientID) { self.client = client }

  /// Whoever knows something knows what its author knew, so that `other` lacks no anchor.
  mutating func learn(from other: Author, _ history: [Insertion]) {
    for number in other.known.subtracting(known).sorted() { list.insert(number, of: history) }
    known.formUnion(other.known)
  }

  mutating func insert(at gap: Int, _ history: inout [Insertion]) {
    let place = min(gap, list.order.count)
    let right = place < list.order.count ? list.order[place] : nil
    history.append(Insertion(client: client, origin: place > 0 ? list.order[place - 1] : nil, right: right))
    list.insert(history.count - 1, of: history)
    known.insert(history.count - 1)
  }
}

/// A history of three clients with what they know, in bits: enough to find all that may come next.
private struct SmallHistory: Hashable {
  var insertions: [Insertion] = []
  /// What each client knows, and what was known to the author of each insertion.
  private var known: [UInt8] = [0, 0, 0]
  private var knownBefore: [UInt8] = []

  var continuations: [SmallHistory] {
    known.indices.flatMap { client in
      Set((0..<UInt8(1) << insertions.count).map { closure(known[client] | $0) }).flatMap { knowledge in
        let order = PlainList(insertions.indices.filter { knowledge >> $0 & 1 == 1 }, of: insertions).order
        return (0...order.count).map { gap in
          var next = self
          next.insertions.append(
            Insertion(
              client: ClientID(client * 10 + 10), origin: gap > 0 ? order[gap - 1] : nil,
              right: gap < order.count ? order[gap] : nil))
          next.known[client] = knowledge | 1 << insertions.count
          next.knownBefore.append(knowledge)
          return next
        }
      }
    }
  }

  /// Whoever knows an insertion knows what its author knew.
  private func closure(_ knowledge: UInt8) -> UInt8 {
    insertions.indices.reduce(knowledge) { $1 < knownBefore.count && $0 >> $1 & 1 == 1 ? $0 | knownBefore[$1] : $0 }
  }
}
