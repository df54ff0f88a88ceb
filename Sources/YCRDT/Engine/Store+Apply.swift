extension Store {
  /// Applies an update V1: decodes and plans it whole, which may fail without a trace, then integrates it, which cannot.
  mutating func apply(_ update: UnsafeBufferPointer<UInt8>) throws(UpdateError) {
    var reader = ByteReader(update)
    try decoded.decode(&reader, limits: limits)
    try applyDecoded(reader)
  }

  /// Applies an update V2 likewise.
  mutating func apply(v2 update: UnsafeBufferPointer<UInt8>) throws(UpdateError) {
    let more = try UpdateV2Reader.decode(update, into: &decoded, limits: limits)
    guard !more.isEmpty else { return try applyDecoded(ByteReader(update)) }
    transaction.isVerbatim = false
    var source = ByteWriter(capacity: update.count + more.count)
    source.raw(update)
    source.raw(more)
    let refusal = source.withBytes { bytes -> UpdateError? in
      do throws(UpdateError) { try applyDecoded(ByteReader(bytes)) } catch { return error }
      return nil
    }
    if let refusal { throw refusal }
  }

  /// Applies what was decoded, whose names and contents are in the reader's bytes.
  private mutating func applyDecoded(_ reader: ByteReader) throws(UpdateError) {
    try checkOrigins(reader)
    plan.make(for: decoded.structs, knowing: clients)
    try checkBudgets(reader.count, reader)

    let source = reader.pointer(0)
    // Of a state, contents are about half.
    if plan.count > Self.bulkSize { bytes.reserve(reader.count / 8 * 5) }
    if plan.count > Self.bulkSize && items.count == 0 {
      integrateInPlace(source)
    } else {
      integratePlanned(decoded.structs.pointer(), source)
      if plan.count < decoded.structs.count { park(source) { decoded, _, index in decoded.structs[index] } }
    }
    applyDeletions()
    retryPending()
    if decoded.hasSkip || !decoded.isOrdered || decoded.trailing > 0 { transaction.isVerbatim = false }
  }

  /// Updates of more structs than this are states or large parts of one, rather than edits.
  private static let bulkSize = 256

  /// Makes items of the decoded structs of a first, large update in the very memory where they lie.
  private mutating func integrateInPlace(_ source: UnsafePointer<UInt8>) {
    let count = decoded.structs.count
    items.takeMemory(of: &decoded.structs)
    for number in 0..<UInt32(plan.order.count) {
      let run = plan.order[number]
      var client = ClientIndex.none
      for index in run.start..<run.end {
        var wire = items.taken(index, as: WireStruct.self)
        if index == run.start {
          client = clients.intern(wire.client)
          touch(client)
        }
        integrate(&wire, by: client, from: source, isBulk: true, slot: index)
      }
    }
    guard plan.count < count else { return }
    park(source) { _, items, index in items.taken(index, as: WireStruct.self) }
    for number in 0..<UInt32(plan.groups.count) where plan.groups[number].isBlocked {
      for index in plan.groups[number].cursor..<plan.groups[number].end { freeItem(index) }
    }
  }

  /// Integrates what the plan found possible.
  private mutating func integratePlanned(_ structs: UnsafePointer<WireStruct>, _ source: UnsafePointer<UInt8>) {
    let isBulk = plan.count > Self.bulkSize
    for number in 0..<UInt32(plan.order.count) {
      let run = plan.order[number]
      let client = clients.intern(structs[Int(run.start)].client)
      touch(client)
      for index in run.start..<run.end {
        integrate(structs + Int(index), by: client, from: source, isBulk: isBulk)
      }
    }
  }

  // MARK: - Pending structs

  /// Keeps what the plan left out.
  private mutating func park(
    _ source: UnsafePointer<UInt8>,
    _ wireStruct: (borrowing DecodedUpdate, borrowing Slab<Item>, UInt32) -> WireStruct
  ) {
    transaction.isVerbatim = false
    for number in 0..<UInt32(plan.groups.count) where plan.groups[number].isBlocked {
      let group = plan.groups[number]
      let client = clients.intern(wireStruct(decoded, items, group.cursor).client)
      _ = clients.records[client].parked.normalized()
      var place = 0
      for index in group.cursor..<group.end {
        park(wireStruct(decoded, items, index), by: client, source, near: &place)
      }
      noteBlocker(of: group)
    }
  }

  /// Keeps a struct, unless it is kept already: whoever sends a state again while something is missing adds nothing.
  private mutating func park(
    _ wire: WireStruct, by client: ClientIndex, _ source: UnsafePointer<UInt8>, near place: inout Int
  ) {
    let run = ClockRun(clock: wire.clock, length: wire.length)
    if clients.records.pointer(client).pointee.parked.contains(run, near: &place) { return }
    clients.records.mutablePointer(client).pointee.parked.insert(run.clock, run.length)
    pending.add(wire, from: source)
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
      for client in 0..<UInt32(clients.count) {
        clients.records[client].awaited = .max
        clients.records[client].parked.free()
      }
      plan.make(for: waiting.structs, knowing: clients)
      integratePlanned(waiting.structs.pointer(), source)
      for number in 0..<UInt32(plan.groups.count) where plan.groups[number].isBlocked {
        let group = plan.groups[number]
        let client = clients.find(waiting.structs[group.cursor].client)
        for index in group.cursor..<group.end {
          var place = 0
          park(waiting.structs[index], by: client, source, near: &place)
        }
        noteBlocker(of: group)
      }
    }
    guard pending.deletionCount > 0 else { return }
    for number in 0..<UInt32(transaction.touched.count) { retryDeletions(transaction.touched[number]) }
  }

  private mutating func isSomethingAwaitedHere() -> Bool {
    for number in 0..<UInt32(transaction.touched.count) {
      let record = clients.records.pointer(transaction.touched[number])
      if record.pointee.next > record.pointee.awaited { return true }
    }
    return false
  }

  // MARK: - Deletions

  private mutating func applyDeletions() {
    let isBulk = decoded.deletions.count > Self.bulkSize
    var place = 0
    var client = ClientIndex.none
    for number in 0..<UInt32(decoded.deletions.count) {
      let deletion = decoded.deletions[number]
      // In states nearly all is deleted already, with the structs that say so.
      if isBulk {
        if number == 0 || decoded.deletions[number - 1].client != deletion.client {
          client = clients.find(deletion.client)
          if client != .none { _ = clients.records.mutablePointer(client).pointee.deleted.normalized() }
        }
        let run = ClockRun(clock: deletion.clock, length: deletion.length)
        if client != .none, clients.records.pointer(client).pointee.deleted.contains(run, near: &place) { continue }
      }
      apply(deletion)
    }
  }

  private mutating func apply(_ deletion: WireDeletion) {
    var client = clients.find(deletion.client)
    let next = client == .none ? 0 : clients.records.pointer(client).pointee.next
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
    let runs = waitingDeletions(of: client)
    let next = clients.records[client].next
    var index = 0
    while index < runs.count, runs[index].clock < next {
      deleteRange(client, runs[index].clock, min(runs[index].end, next))
      index += 1
    }
    guard index > 0 else { return }
    transaction.isVerbatim = false
    clients.records[client].pendingDeletes.removeAll(before: next)
    pending.deletionCount += clients.records[client].pendingDeletes.storedCount - runs.count
  }

  /// The deletions that wait for clocks of a client, sorted and joined. Whoever looks at them may make them fewer.
  mutating func waitingDeletions(of client: ClientIndex) -> Vector<ClockRun> {
    let before = clients.records[client].pendingDeletes.storedCount
    let runs = clients.records[client].pendingDeletes.normalized()
    pending.deletionCount += runs.count - before
    return runs
  }

  /// Deletes whatever is live in a range of known clocks.
  mutating func deleteRange(_ client: ClientIndex, _ start: UInt64, _ end: UInt64) {
    let record = clients.records.pointer(client)
    var position = record.pointee.items.locate(start)
    let first = record.pointee.items.item(at: position)
    if !items.pointer(first).pointee.isDeleted, items.pointer(first).pointee.clock < start {
      _ = split(first, at: start - items.pointer(first).pointee.clock, position)
      position = record.pointee.items.locate(start)
    }
    while true {
      let item = record.pointee.items.item(at: position)
      let itemEnd = items.pointer(item).pointee.end
      if !items.pointer(item).pointee.isDeleted {
        if itemEnd > end { _ = split(item, at: end - items.pointer(item).pointee.clock, position) }
        delete(item)
        // A split may have moved the entry into another chunk.
        if itemEnd < end, record.pointee.items.isStale(position, item) {
          position = record.pointee.items.locate(items.pointer(item).pointee.clock)
        }
      }
      guard itemEnd < end, let next = record.pointee.items.next(position) else { return }
      position = next
    }
  }

  // MARK: - The event's bytes

  /// Whether the one update applied in this transaction is, byte for byte, a correct event for it.
  mutating func isUpdateVerbatim() -> Bool {
    guard transaction.isVerbatim, decoded.hasCanonicalDeletions,
      transaction.deletions.count == decoded.deletions.count
    else { return false }
    var client = ClientIndex.none
    var place: UInt32 = 0
    for number in 0..<UInt32(decoded.deletions.count) {
      let deletion = decoded.deletions[number]
      if number == 0 || deletion.client != decoded.deletions[number - 1].client {
        client = clients.find(deletion.client)
        place = transaction.place(of: client, deletion.clock)
      }
      guard place < UInt32(transaction.deletions.count) else { return false }
      let done = transaction.deletions[place]
      guard done.client == client, done.clock == deletion.clock, done.length == deletion.length else { return false }
      place += 1
    }
    return true
  }
}
