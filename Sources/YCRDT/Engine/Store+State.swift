extension Store {
  var stateVector: StateVector {
    var vector = StateVector()
    for client in 0..<UInt32(clients.count) {
      vector[clients.records[client].id] = clients.records[client].next
    }
    return vector
  }

  var deleteSet: IdSet {
    mutating get {
      var set = IdSet()
      for client in 0..<UInt32(clients.count) {
        let runs = clients.records[client].deleted.normalized()
        for index in 0..<runs.count { set.insert(clients.records[client].id, runs[index].clock..<runs[index].end) }
      }
      return set
    }
  }

  /// Whether the transaction added or deleted anything.
  mutating func hasNews() -> Bool {
    // This and what is called as often is `mutating` so that the store is passed by its address, and not as a copy.
    if transaction.deletions.count > 0 { return true }
    for number in 0..<UInt32(transaction.touched.count) {
      let record = clients.records.pointer(transaction.touched[number])
      if record.pointee.next > record.pointee.before { return true }
    }
    return false
  }

  /// Whether the transaction added anything that a client wrote.
  mutating func hasNews(of id: ClientID) -> Bool {
    for number in 0..<UInt32(transaction.touched.count) {
      let record = clients.records.pointer(transaction.touched[number])
      if record.pointee.id == id { return record.pointee.next > record.pointee.before }
    }
    return false
  }

  mutating func encodedTransaction() -> [UInt8] {
    var writer = ByteWriter(capacity: 128)
    encodeTransaction(into: &writer)
    return writer.bytes
  }

  mutating func encodedState(since known: StateVector, includingPending: Bool) -> [UInt8] {
    ByteWriter.array(expecting: encodedSize(since: known)) { writer in
      if includingPending && !pending.isEmpty {
        encodeWithPending(since: known, into: &writer)
      } else {
        encode(since: known, into: &writer)
      }
    }
  }
}
