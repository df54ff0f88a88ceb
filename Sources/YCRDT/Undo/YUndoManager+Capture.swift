extension YUndoManager {
  /// Whether the transaction that is ending is to be captured. `event` describes it.
  func wantsTransaction(_ event: () -> TransactionEvent, origin: Origin?, isLocal: Bool) -> Bool {
    guard running != nil || (options.trackedOrigins.contains(origin) && (origin != nil || isLocal)) else {
      return false
    }
    guard doc.store.hasNews(), scope.map({ doc.store.changesAny(of: $0) }) ?? true else { return false }
    return options.captures?(event()) ?? true
  }

  /// What was undone cannot be redone after something else was done.
  func forgetRedo() {
    if running == nil { empty([.redo]) }
  }

  /// Captures the transaction that is ending, before its garbage is collected.
  func capture(origin: Origin?) {
    let stack: UndoEvent.Stack = running == .undo ? .redo : .undo
    if running == .undo { stopCapturing() }
    let now = options.now?()
    let isContinued = running == nil && canUndo && isSoon(now)
    let step = isContinued ? undoStack[undoStack.count - 1] : UndoStep()
    let deletions = doc.store.capture(into: step)
    doc.store.keep(deletions, in: scope, true)
    if !isContinued {
      if stack == .undo { undoStack.append(step) } else { redoStack.append(step) }
    }
    if running == nil { lastCapture = now }
    undelivered.append(UndoEvent(change: isContinued ? .updated : .added, stack: stack, step: step, origin: origin))
  }

  private func isSoon(_ now: Duration?) -> Bool {
    guard let now, let lastCapture else { return false }
    return now - lastCapture < options.captureTimeout
  }

  func empty(_ stacks: Set<UndoEvent.Stack>) {
    for stack in [UndoEvent.Stack.undo, .redo] where stacks.contains(stack) {
      let steps = stack == .undo ? undoStack : redoStack
      guard !steps.isEmpty else { continue }
      for step in steps {
        doc.store.keep(step.deletions, in: scope, false)
        if stack == .redo { abandoned.formUnion(step.deletions) }
      }
      if stack == .undo { undoStack = [] } else { redoStack = [] }
      undelivered.append(UndoEvent(change: .cleared, stack: stack, step: nil, origin: nil))
    }
  }
}

extension Doc {
  /// Lets the undo managers capture the transaction that is ending.
  func captureForUndo(origin: Origin?, isLocal: Bool) {
    let managers = undoManagers.all
    let wanting = managers.filter { manager in
      manager.wantsTransaction({ transactionEvent(origin: origin, isLocal: isLocal) }, origin: origin, isLocal: isLocal)
    }
    // First all of them let go of what they do not need, then all keep what they do.
    for manager in wanting { manager.forgetRedo() }
    for manager in wanting { manager.capture(origin: origin) }
    // What handlers write from now on is not part of undoing.
    for manager in managers { manager.running = nil }
  }
}

extension Store {
  /// Whether the transaction changed one of the types or something inside it.
  func changesAny(of scope: [TypeIndex]) -> Bool {
    for number in 0..<UInt32(transaction.changes.count) {
      let type = transaction.changes[number].type
      if isObservable(type), scope.contains(where: { isWithin(type, $0) }) { return true }
    }
    return false
  }

  /// Adds what the transaction wrote and deleted; returns the latter.
  func capture(into step: UndoStep) -> IdSet {
    for number in 0..<UInt32(transaction.touched.count) {
      let record = clients.records[transaction.touched[number]]
      if record.next > record.before { step.insertions.insert(record.id, record.before..<record.next) }
    }
    var deletions: [ClientID: [Range<UInt64>]] = [:]
    for number in 0..<UInt32(transaction.deletions.count) {
      let deletion = transaction.deletions[number]
      let (client, clocks) = (clients.records[deletion.client].id, deletion.clock..<deletion.end)
      step.noteDeletion(client, clocks)
      deletions[client, default: []].append(clocks)
    }
    return IdSet(collected: deletions)
  }

  /// Whether an item lies in one of the types; nil is the whole document.
  func isItem(_ item: ItemIndex, in scope: [TypeIndex]?) -> Bool {
    guard let scope else { return true }
    let parent = items[item].parent
    return scope.contains { isWithin(parent, $0) }
  }

  /// Keeps deleted items from being collected, with everything around them, or no longer does.
  mutating func keep(_ units: IdSet, in scope: [TypeIndex]?, _ isKept: Bool) {
    for id in units.clients {
      let client = clients.find(id)
      guard client != .none else { continue }
      for range in units.ranges(of: id) {
        var clock = range.lowerBound
        while clock < min(range.upperBound, clients.records[client].next) {
          let item = find(client, clock)
          clock = items[item].end
          if !items[item].isGC, isItem(item, in: scope) { keep(item, isKept) }
        }
      }
    }
  }

  mutating func keep(_ item: ItemIndex, _ isKept: Bool) {
    var item = item
    while item != .none, items[item].flags.contains(.kept) != isKept {
      if isKept { items[item].flags.insert(.kept) } else { items[item].flags.remove(.kept) }
      item = types[items[item].parent].item
    }
  }
}
