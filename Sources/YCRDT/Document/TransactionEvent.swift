/// What a transaction did, in terms of ids.
public struct TransactionEvent: Sendable {
  /// Who or what caused it.
  public let origin: Origin?
  /// Whether it was made here, by `transact`, rather than applied.
  public let isLocal: Bool
  /// How much of each client's work was known before it.
  public let before: StateVector
  /// How much is known after it.
  public let after: StateVector
  /// What it deleted.
  public let deletions: IdSet

  /// What it added.
  public var insertions: IdSet {
    var set = IdSet()
    for client in after.clients { set.insert(client, before[client]..<after[client]) }
    return set
  }
}

extension Doc {
  /// The transaction that is ending. O(clients + deletions).
  func transactionEvent(origin: Origin?, isLocal: Bool) -> TransactionEvent {
    let after = stateVector
    var before = after
    var deletions = IdSet()
    for number in 0..<UInt32(store.transaction.touched.count) {
      let record = store.clients.records[store.transaction.touched[number]]
      before[record.id] = record.before
    }
    for number in 0..<UInt32(store.transaction.deletions.count) {
      let deletion = store.transaction.deletions[number]
      deletions.insert(store.clients.records[deletion.client].id, deletion.clock..<deletion.end)
    }
    return TransactionEvent(origin: origin, isLocal: isLocal, before: before, after: after, deletions: deletions)
  }
}
