import TestSupport
import Testing

@testable import YCRDT

@Suite struct SnapshotTests {
  /// What was seen at a moment is seen again whenever one comes back to it.
  @Test(arguments: UInt64(1)...10) func snapshotsRestoreWhatWasThere(seed: UInt64) throws {
    var editor = RandomEditor(seed: seed &* 7919)
    let doc = Doc(clientID: 10, collectsGarbage: false)
    let other = Doc(clientID: 20)
    var moments: [(Snapshot, [YValue], [YText.Delta])] = []
    for step in 0..<30 {
      try editor.edit(step.isMultiple(of: 3) ? other : doc, formats: true)
      if step.isMultiple(of: 5) {
        try doc.apply(other.encodeStateAsUpdate(since: doc.stateVector))
        try other.apply(doc.encodeStateAsUpdate(since: other.stateVector))
      }
      moments.append((doc.snapshot(), doc.shown, doc.text("t").delta))
    }
    let state = doc.encodeStateAsUpdate()
    for (number, (snapshot, shown, delta)) in moments.enumerated() {
      let restored = try doc.restored(at: snapshot)
      restored.checkIntegrity()
      #expect(restored.shown == shown, "seed \(seed), step \(number)")
      #expect(restored.text("t").delta == delta, "seed \(seed), step \(number)")
      #expect(restored.snapshot() == snapshot, "seed \(seed), step \(number)")
    }
    #expect(doc.encodeStateAsUpdate() == state, "seed \(seed): looking back changed the document")
  }

  @Test func whatWasCollectedIsAnError() throws {
    let doc = Doc(clientID: 1)
    try doc.transact { try doc.text("t").append("abc") }
    let early = doc.snapshot()
    #expect(try doc.restored(at: early).text("t").string == "abc")
    try doc.transact { try doc.text("t").remove(1..<2) }
    #expect(throws: SnapshotError.collected(ID(client: 1, clock: 1))) { try doc.restored(at: early) }
    #expect(try doc.restored(at: doc.snapshot()).text("t").string == "ac")
  }

  @Test func whatWasCollectedInsideOfSomethingIsAnError() throws {
    let doc = Doc(clientID: 1)
    let empty = doc.snapshot()
    try doc.transact { try doc.map("m").setText("k", "abc") }
    let early = doc.snapshot()
    try doc.transact { try doc.map("m").removeValue(forKey: "k") }
    #expect(throws: SnapshotError.collected(ID(client: 1, clock: 0))) { try doc.restored(at: early) }
    #expect(try doc.restored(at: empty).map("m").isEmpty)
  }

  @Test func theFutureIsUnknown() throws {
    let doc = Doc(clientID: 1)
    #expect(throws: SnapshotError.unknownState) {
      var vector = StateVector()
      vector[1] = 1
      _ = try doc.restored(at: Snapshot(stateVector: vector, deleteSet: IdSet()))
    }
  }

  @Test func typesHaveCounterparts() throws {
    let doc = Doc(clientID: 1, collectsGarbage: false)
    let list = try doc.transact { try doc.map("m").setArray("list") }
    let inner = try doc.transact { try list.appendText("old") }
    let snapshot = doc.snapshot()
    try doc.transact { try inner.insert("very ", at: 0) }
    let past = try doc.restored(at: snapshot)
    #expect(past.counterpart(of: inner)?.string == "old")
    #expect(past.counterpart(of: doc.map("m")) == past.map("m"))
    #expect(Doc().counterpart(of: inner) == nil)
  }

  @Test func snapshotsKnowWhichUpdatesTheyContain() throws {
    let doc = Doc(clientID: 1)
    var updates: [[UInt8]] = []
    let subscription = doc.observeUpdates { updates.append($0.update) }
    try doc.transact { try doc.text("t").append("abc") }
    let first = doc.snapshot()
    try doc.transact { try doc.text("t").remove(0..<1) }
    let second = doc.snapshot()
    subscription.cancel()
    #expect(try first.contains(updates[0]))
    #expect(try !first.contains(updates[1]))
    #expect(try second.contains(updates[0]) && second.contains(updates[1]))
    #expect(first != second && first == first)
    #expect(!second.shows(ID(client: 1, clock: 0)) && second.shows(ID(client: 1, clock: 1)))
    #expect(throws: UpdateError.self) { try first.contains([1]) }
  }

  @Test(arguments: [UpdateFormat.v1, .v2], UInt64(1)...10)
  func codingIsLossless(format: UpdateFormat, seed: UInt64) throws {
    var editor = RandomEditor(seed: seed)
    let doc = Doc(clientID: 9)
    for _ in 0..<20 { try editor.edit(doc) }
    let snapshot = doc.snapshot()
    #expect(try Snapshot(decoding: snapshot.encoded(format: format), format: format) == snapshot)
  }
}
