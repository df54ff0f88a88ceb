extension YUndoManager {
  /// Undoes or redoes the topmost step of a stack that still has an effect.
  func pop(_ stack: UndoEvent.Stack) throws(YError) -> UndoStep? {
    guard !doc.isInTransaction else { throw .insideTransaction }
    guard stack == .undo ? canUndo : canRedo else { return nil }
    running = stack
    defer { running = nil }
    let step = try doc.transact(origin: options.origin) { () throws(YError) -> UndoStep? in
      let author = try doc.author()
      while let step = stack == .undo ? undoStack.last : redoStack.last {
        let plan = doc.store.revertPlan(of: step, in: scope)
        try doc.reserve(plan.contentSize)
        if stack == .undo { undoStack.removeLast() } else { redoStack.removeLast() }
        // What the step itself wrote and deleted comes back with no step.
        var passing = step.deletions
        passing.formIntersection(step.insertions)
        abandoned.formUnion(passing)
        if revert(plan, of: step, author) { return step }
      }
      return nil
    }
    running = nil
    if let step {
      undelivered.append(UndoEvent(change: .popped, stack: stack, step: step, origin: options.origin))
      deliver()
    }
    return step
  }

  private func revert(_ plan: RevertPlan, of step: UndoStep, _ author: ClientIndex) -> Bool {
    var context = RedoContext(
      author: author, items: Set(plan.restored), insertions: step.insertions,
      overridesRemoteMapChanges: options.overridesRemoteMapChanges, steps: undoStack + redoStack,
      abandoned: abandoned)
    var hasEffect = false
    for item in plan.restored where doc.store.redo(item, &context) != .none { hasEffect = true }
    // Children go before what holds them, so that a filter sees all of them.
    for item in plan.removed.reversed() where options.deletes?(doc.undoneInsertion(item)) ?? true {
      doc.store.delete(item)
      hasEffect = true
    }
    return hasEffect
  }
}

extension Doc {
  fileprivate func undoneInsertion(_ item: ItemIndex) -> UndoneInsertion {
    let record = store.items[item]
    return UndoneInsertion(
      parent: element(.type(record.parent)), key: record.key == .none ? nil : store.keys.string(record.key),
      elements: store.elements(item).map { element($0) }, id: store.id(of: item))
  }
}

/// What has to be done to take back a step.
struct RevertPlan {
  /// Items that were deleted and are to be written anew, in this order.
  var restored: [ItemIndex] = []
  /// Items that were written and are to be deleted.
  var removed: [ItemIndex] = []
  /// Bytes that writing takes.
  var contentSize = 0
}

/// What matters when items are written anew.
struct RedoContext {
  var author: ClientIndex
  /// All items that are to be written anew together.
  var items: Set<ItemIndex>
  /// What is to be deleted together with it.
  var insertions: IdSet
  var overridesRemoteMapChanges: Bool
  /// The steps that are still on the stacks.
  var steps: [UndoStep]
  /// What was undone by steps that are not on the stacks any more.
  var abandoned: IdSet
}

extension Store {
  /// Finds what a step means now, and cuts items where it begins and ends.
  mutating func revertPlan(of step: UndoStep, in scope: [TypeIndex]?) -> RevertPlan {
    var plan = RevertPlan()
    for client in step.insertions.clients {
      for range in step.insertions.ranges(of: client) {
        for item in presentItems(ID(client: client, clock: range.lowerBound), UInt64(range.count)) {
          if !items[item].isDeleted, isItem(item, in: scope) { plan.removed.append(item) }
        }
      }
    }
    for client in step.deletionOrder {
      for range in step.deletions.ranges(of: client) {
        for item in cutItems(clients.find(client), range) where !items[item].isGC && isItem(item, in: scope) {
          // What was written and deleted in one step is gone for good.
          guard !step.insertions.contains(id(of: item)) else { continue }
          plan.restored.append(item)
          plan.contentSize += Int(items[item].byteCount)
        }
      }
    }
    return plan
  }

  /// The items that hold a range of clocks, cut at its ends. Collected runs are not cut.
  private mutating func cutItems(_ client: ClientIndex, _ range: Range<UInt64>) -> [ItemIndex] {
    guard client != .none else { return [] }
    var result: [ItemIndex] = []
    var clock = range.lowerBound
    let end = min(range.upperBound, clients.records[client].next)
    while clock < end {
      let item = cleanStart(client, clock)
      if items[item].end > end, !items[item].isGC { _ = split(item, at: end - items[item].clock) }
      result.append(item)
      clock = items[item].end
    }
    return result
  }

  /// The items that a range of units has become, after some may have been written anew.
  private mutating func presentItems(_ start: ID, _ count: UInt64) -> [ItemIndex] {
    var result: [ItemIndex] = []
    var open = [(start, count)]
    while let (start, count) = open.popLast() {
      var later: [(ID, UInt64)] = []
      for item in cutItems(clients.find(start.client), start.clock..<start.clock + count) {
        guard !items[item].isGC else { continue }
        if let target = redoneTarget(item) {
          later.append((target, items[item].length))
        } else {
          result.append(item)
        }
      }
      open += later.reversed()
    }
    return result
  }

  /// The unit that the first unit of an item has become, if it was written anew.
  func redoneTarget(_ item: ItemIndex) -> ID? {
    items[item].flags.contains(.redone) ? redone.next(of: id(of: item)) : nil
  }

  /// The item that an item was written anew as; `.none` if it was not.
  mutating func redoneItem(_ item: ItemIndex) -> ItemIndex {
    redoneTarget(item).map { cleanStart(clients.find($0.client), $0.clock) } ?? .none
  }
}
