import TestSupport
import Testing

@testable import YCRDT

@Suite struct TransactionEventTests {
  @Test(arguments: UInt64(1)...8) func transactionsSayWhatTheyAddedAndDeleted(seed: UInt64) throws {
    var editor = RandomEditor(seed: seed)
    let doc = Doc(clientID: 1)
    let other = Doc(clientID: 2)
    var events: [TransactionEvent] = []
    let subscription = doc.observeTransactions { events.append($0) }
    for step in 0..<20 {
      let (vector, deleted, count) = (doc.stateVector, doc.deleteSet, events.count)
      if step.isMultiple(of: 3) {
        try editor.edit(other)
        try doc.apply(other.encodeStateAsUpdate(since: vector), origin: "wire")
      } else {
        try editor.edit(doc)
      }
      let changed = doc.stateVector != vector || doc.deleteSet != deleted
      #expect(events.count == count + (changed ? 1 : 0), "seed \(seed)")
      guard changed, let event = events.last else { continue }
      #expect(event.before == vector && event.after == doc.stateVector, "seed \(seed)")
      // What came collected is deleted, but was never deleted here.
      var rest = doc.deleteSet
      rest.subtract(deleted)
      rest.subtract(event.insertions)
      var deletions = event.deletions
      deletions.subtract(event.insertions)
      #expect(deletions == rest, "seed \(seed)")
      #expect(event.isLocal == !step.isMultiple(of: 3) && event.origin == (event.isLocal ? nil : "wire"))
    }
    subscription.cancel()
  }

  @Test func innerTransactionsJoinAndTheOuterOriginCounts() throws {
    let doc = Doc(clientID: 1)
    var events: [TransactionEvent] = []
    let subscription = doc.observeTransactions { events.append($0) }
    try doc.transact(origin: "outer") {
      try doc.transact(origin: "inner") { try doc.text("t").append("a") }
      try doc.text("t").append("b")
    }
    #expect(events.map(\.origin) == ["outer"])
    #expect(events[0].insertions.ranges(of: 1) == [0..<2])
    doc.transact {}
    #expect(events.count == 1)
    subscription.cancel()
  }

  @Test func observersAreCalledInOrderTypesThenTransactionThenUpdate() throws {
    let doc = Doc(clientID: 1)
    var calls: [String] = []
    let subscriptions = [
      doc.observeUpdates { _ in calls.append("update") },
      doc.observeTransactions { _ in calls.append("transaction") },
      doc.observeDeep { _ in calls.append("deep") },
      doc.text("t").observe { _ in calls.append("type") },
    ]
    try doc.transact { try doc.text("t").append("a") }
    #expect(calls == ["deep", "type", "transaction", "update"])
    subscriptions.forEach { $0.cancel() }
  }

  @Test func aHandlerCanCancelOthersAndItself() throws {
    let doc = Doc(clientID: 1)
    var subscriptions: [Subscription] = []
    var calls: [Int] = []
    for number in 0..<3 {
      subscriptions.append(
        doc.text("t").observe { _ in
          calls.append(number)
          if number == 0 { subscriptions.prefix(2).forEach { $0.cancel() } }
        })
      subscriptions.append(doc.observeUpdates { _ in calls.append(10 + number) })
    }
    try doc.transact { try doc.text("t").append("a") }
    // The first cancelled itself and the first observer of updates.
    #expect(calls == [0, 1, 2, 11, 12])
    calls = []
    try doc.transact { try doc.text("t").append("b") }
    #expect(calls == [1, 2, 11, 12])
  }
}
