extension Store {
  /// Applies an update V1: decodes and plans it whole, which may fail without a trace, then integrates it, which cannot.
  mutating func apply(_ update: UnsafeBufferPointer<UInt8>) throws(UpdateError) {
    var reader = ByteReader(update)
    try decoded.decode(&reader, limits: limits)
    plan.make(for: decoded.structs, knowing: clients)
    try checkBudgets(update.count, reader)

    let source = reader.pointer(0)
    if plan.order.count > 1000 {
      items.reserve(plan.order.count)
      bytes.reserve(update.count)
    }
    for step in 0..<UInt32(plan.order.count) { integrate(decoded.structs.pointer(plan.order[step]), from: source) }
    parkRest(decoded.structs.count, source)
    for number in 0..<UInt32(decoded.deletions.count) { apply(decoded.deletions[number]) }
    retryPending()
    if decoded.hasSkip || !decoded.isOrdered || decoded.trailing > 0 { transaction.isVerbatim = false }
  }

  private func checkBudgets(_ size: Int, _ reader: ByteReader) throws(UpdateError) {
    guard bytes.count + size <= min(limits.contentBytes, 1 << 30) else { throw reader.error(.limit("contentBytes")) }
    let parked = decoded.structs.count - plan.order.count
    var deletions = 0
    for number in 0..<UInt32(decoded.deletions.count) {
      let deletion = decoded.deletions[number]
      if deletion.clock + deletion.length > plan.next(deletion.client, clients) { deletions += 1 }
    }
    guard parked > 0 || deletions > 0 else { return }
    let cost = PendingUpdates.cost(structs: parked, bytes: parked > 0 ? size : 0, deletions: deletions)
    guard pending.cost + cost <= limits.pendingBytes else { throw reader.error(.limit("pendingBytes")) }
  }

  // MARK: - Pending structs

  /// Keeps what the plan left out.
  private mutating func parkRest(_ count: Int, _ source: UnsafePointer<UInt8>) {
    guard plan.order.count < count else { return }
    transaction.isVerbatim = false
    for number in 0..<UInt32(plan.groups.count) where plan.groups[number].isBlocked {
      let group = plan.groups[number]
      for index in group.cursor..<group.end { pending.add(decoded.structs[index], from: source) }
      noteBlocker(of: group)
    }
  }

  private mutating func noteBlocker(of group: IntegrationPlan.Group) {
    let blocker = clients.intern(group.blockerClient)
    clients.records[blocker].awaited = min(clients.records[blocker].awaited, group.blockerClock)
  }

  /// Integrates what was pending and has become possible.
  private mutating func retryPending() {
    guard !pending.isEmpty else { return }
    if pending.structs.count > 0 && isSomethingAwaitedHere() {
      transaction.isVerbatim = false
      let waiting = pending.takeStructs()
      let source = waiting.bytes.pointer(0)
      for client in 0..<UInt32(clients.count) { clients.records[client].awaited = .max }
      plan.make(for: waiting.structs, knowing: clients)
      for step in 0..<UInt32(plan.order.count) { integrate(waiting.structs.pointer(plan.order[step]), from: source) }
      for number in 0..<UInt32(plan.groups.count) where plan.groups[number].isBlocked {
        let group = plan.groups[number]
        for index in group.cursor..<group.end { pending.add(waiting.structs[index], from: source) }
        noteBlocker(of: group)
      }
    }
    guard pending.deletionCount > 0 else { return }
    for number in 0..<UInt32(transaction.touched.count) { retryDeletions(transaction.touched[number]) }
  }

  private func isSomethingAwaitedHere() -> Bool {
    for number in 0..<UInt32(transaction.touched.count) {
      let record = clients.records[transaction.touched[number]]
      if record.next > record.awaited { return true }
    }
    return false
  }

  // MARK: - Deletions

  private mutating func apply(_ deletion: WireDeletion) {
    var client = clients.find(deletion.client)
    let next = client == .none ? 0 : clients.records[client].next
    let end = deletion.clock + deletion.length
    if deletion.clock < next { deleteRange(client, deletion.clock, min(end, next)) }
    guard end > next else { return }
    transaction.isVerbatim = false
    if client == .none { client = clients.intern(deletion.client) }
    let start = max(deletion.clock, next)
    let before = clients.records[client].pendingDeletes.storedCount
    clients.records[client].pendingDeletes.insert(start, end - start)
    pending.deletionCount += clients.records[client].pendingDeletes.storedCount - before
  }

  private mutating func retryDeletions(_ client: ClientIndex) {
    guard !clients.records[client].pendingDeletes.isEmpty else { return }
    transaction.isVerbatim = false
    let before = clients.records[client].pendingDeletes.storedCount
    let runs = clients.records[client].pendingDeletes.normalized()
    let next = clients.records[client].next
    var rest = ClockRuns()
    for index in 0..<runs.count {
      let run = runs[index]
      if run.clock < next { deleteRange(client, run.clock, min(run.end, next)) }
      if run.end > next { rest.insert(max(run.clock, next), run.end - max(run.clock, next)) }
    }
    clients.records[client].pendingDeletes.free()
    clients.records[client].pendingDeletes = rest
    pending.deletionCount += rest.storedCount - before
  }

  /// Deletes whatever is live in a range of known clocks.
  mutating func deleteRange(_ client: ClientIndex, _ start: UInt64, _ end: UInt64) {
    var position = clients.records[client].items.locate(start)
    let first = clients.records[client].items.item(at: position)
    if !items[first].isDeleted, items[first].clock < start {
      _ = cleanStart(client, start)
      position = clients.records[client].items.locate(start)
    }
    while true {
      let item = clients.records[client].items.item(at: position)
      guard items[item].clock < end else { return }
      if !items[item].isDeleted {
        if items[item].end > end { _ = cleanEnd(client, end - 1) }
        delete(item)
      }
      // A split may have moved the entry into another chunk.
      if clients.records[client].items.isStale(position, item) {
        position = clients.records[client].items.locate(items[item].clock)
      }
      guard let next = clients.records[client].items.next(position) else { return }
      position = next
    }
  }

  // MARK: - The event's bytes

  /// Whether the one update applied in this transaction is, byte for byte, a correct event for it.
  func isUpdateVerbatim() -> Bool {
    guard transaction.isVerbatim, decoded.hasCanonicalDeletions,
      transaction.deletions.count == decoded.deletions.count
    else { return false }
    for number in 0..<UInt32(decoded.deletions.count) {
      let deletion = decoded.deletions[number]
      let client = clients.find(deletion.client)
      guard let done = transaction.deletion(of: client, deletion.clock), done.clock == deletion.clock,
        done.length == deletion.length
      else { return false }
    }
    return true
  }
}
