import TestSupport
import Testing

@testable import YCRDT

@Suite struct ConvergenceTests {
  /// Documents that edit and hear of each other in bursts; returns them with all updates they made.
  private func simulate(_ editor: inout RandomEditor, steps: Int, formats: Bool) throws -> ([Doc], [[UInt8]]) {
    let docs = (0..<4).map { Doc(clientID: ClientID($0 * 1000 + Int.random(in: 1...900, using: &editor.random))) }
    var updates: [[UInt8]] = []
    let subscriptions = docs.map { doc in doc.observeUpdates { if $0.isLocal { updates.append($0.update) } } }
    for _ in 0..<steps {
      let doc = editor.pick(docs)
      try editor.edit(doc, formats: formats)
      doc.checkIntegrity()
      if Int.random(in: 0..<4, using: &editor.random) == 0 {
        let other = editor.pick(docs)
        try doc.apply(other.encodeStateAsUpdate(since: doc.stateVector))
        doc.checkIntegrity()
      }
    }
    subscriptions.forEach { $0.cancel() }
    return (docs, updates)
  }

  private func expectEqual(_ docs: [Doc], _ seed: UInt64) throws {
    for doc in docs.dropFirst() {
      #expect(doc.shown == docs[0].shown, "seed \(seed)")
      #expect(doc.text("t").delta == docs[0].text("t").delta, "seed \(seed)")
      #expect(doc.stateVector == docs[0].stateVector, "seed \(seed)")
      #expect(doc.deleteSet == docs[0].deleteSet, "seed \(seed)")
      #expect(try doc.canonicalState() == docs[0].canonicalState(), "seed \(seed)")
    }
  }

  @Test(arguments: UInt64(1)...20) func replicasThatExchangeTheirStatesShowTheSame(seed: UInt64) throws {
    var editor = RandomEditor(seed: seed)
    let (docs, _) = try simulate(&editor, steps: 60, formats: seed.isMultiple(of: 3))
    for _ in 0..<2 {
      for doc in docs {
        for other in docs { try doc.apply(other.encodeStateAsUpdate(since: doc.stateVector)) }
        doc.checkIntegrity()
      }
    }
    try expectEqual(docs, seed)
  }

  @Test(arguments: UInt64(1)...20) func anyOrderWithDuplicatesGivesTheSame(seed: UInt64) throws {
    var editor = RandomEditor(seed: seed &* 77)
    let (_, updates) = try simulate(&editor, steps: 50, formats: seed.isMultiple(of: 3))
    var replicas: [Doc] = []
    for order in 0..<4 {
      let doc = Doc(clientID: 99_000 + ClientID(order))
      var delivery = updates
      if order == 1 { delivery.reverse() }
      if order > 1 {
        delivery += updates.filter { _ in Bool.random(using: &editor.random) }
        delivery.shuffle(using: &editor.random)
      }
      for update in delivery {
        try doc.apply(update)
        doc.checkIntegrity()
      }
      #expect(!doc.hasPending, "seed \(seed)")
      replicas.append(doc)
    }
    try expectEqual(replicas, seed)
  }

  @Test(arguments: UInt64(1)...20) func whatGotLostIsRepairedByADiff(seed: UInt64) throws {
    var editor = RandomEditor(seed: seed &* 991)
    let (docs, updates) = try simulate(&editor, steps: 50, formats: false)
    let complete = Doc(clientID: 99_000)
    for doc in docs { try complete.apply(doc.encodeStateAsUpdate()) }
    let lossy = Doc(clientID: 99_001)
    for update in updates.shuffled(using: &editor.random) where Int.random(in: 0..<5, using: &editor.random) > 0 {
      try lossy.apply(update)
      lossy.checkIntegrity()
    }
    // A local edit on top of the gaps, then the repair in both directions.
    try editor.edit(lossy)
    try lossy.apply(complete.encodeStateAsUpdate(since: lossy.stateVector))
    try complete.apply(lossy.encodeStateAsUpdate(since: complete.stateVector))
    lossy.checkIntegrity()
    #expect(!lossy.hasPending, "seed \(seed)")
    try expectEqual([complete, lossy], seed)
  }

  @Test(arguments: UInt64(1)...10) func eventsCarryTheWholeStory(seed: UInt64) throws {
    var editor = RandomEditor(seed: seed &* 31)
    let (_, updates) = try simulate(&editor, steps: 50, formats: false)
    let server = Doc(clientID: 99_000)
    let mirror = Doc(clientID: 99_001)
    for update in updates.shuffled(using: &editor.random) {
      if let event = try server.apply(update) { try mirror.apply(event.update) }
      #expect(mirror.stateVector == server.stateVector, "seed \(seed)")
      #expect(mirror.shown == server.shown, "seed \(seed)")
      #expect(!mirror.hasPending, "seed \(seed)")
    }
    try expectEqual([server, mirror], seed)
  }
}
