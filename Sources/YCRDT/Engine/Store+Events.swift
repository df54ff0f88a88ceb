/// What observers are told: the difference that a transaction made, taken before its garbage is collected.
extension Store {
  /// Whether changes of the type are of interest: it is older than the transaction and was not deleted.
  func isObservable(_ type: TypeIndex) -> Bool {
    let record = types[type]
    if record.isCollected { return false }
    guard record.item != .none else { return true }
    let item = items[record.item]
    return !item.isDeleted && item.clock < clockBefore(item.client)
  }

  /// Whether `type` is `ancestor` or lies inside it.
  func isWithin(_ type: TypeIndex, _ ancestor: TypeIndex) -> Bool {
    var type = type
    while type != ancestor {
      let item = types[type].item
      guard item != .none else { return false }
      type = items[item].parent
    }
    return true
  }

  /// The root's name and the way from it to a type.
  func path(of type: TypeIndex) -> (root: String, path: [YEvent.PathStep]) {
    var steps: [YEvent.PathStep] = []
    var type = type
    while types[type].item != .none {
      let item = items[types[type].item]
      steps.append(item.key != .none ? .key(keys.string(item.key)) : .index(listIndex(of: types[type].item)))
      type = item.parent
    }
    return (types[type].name == .none ? "" : keys.string(types[type].name), steps.reversed())
  }

  func listIndex(of item: ItemIndex) -> Int {
    var index: UInt64 = 0
    var left = items[item].left
    while left != .none {
      if items[left].isLiveAndCountable { index += items[left].length }
      left = items[left].left
    }
    return Int(index)
  }

  /// What this transaction deleted, by client index.
  func deletedNow() -> IdSet {
    var ranges: [UInt64: [Range<UInt64>]] = [:]
    for number in 0..<UInt32(transaction.deletions.count) {
      let deletion = transaction.deletions[number]
      ranges[UInt64(deletion.client), default: []].append(deletion.clock..<deletion.end)
    }
    return IdSet(collected: ranges)
  }

  // MARK: - Keys

  /// What became of a key; nil if it came and went within the transaction.
  func keyChange(_ type: TypeIndex, _ key: KeyIndex, _ deleted: IdSet) -> YEvent.KeyChange? {
    let last = chainEnd(type, key)
    guard last != .none else { return nil }
    func isNew(_ item: ItemIndex) -> Bool { items[item].end > clockBefore(items[item].client) }
    func wasLive(_ item: ItemIndex) -> Bool {
      !items[item].isDeleted || deleted.contains(ID(client: UInt64(items[item].client), clock: items[item].clock))
    }
    var old = last
    while old != .none, isNew(old) { old = items[old].left }
    let oldValue = old != .none && wasLive(old) ? json(lastElement(old), depth: limits.jsonDepth) : nil
    if old == last { return items[last].isDeleted ? oldValue.map { .removed(old: $0) } : nil }
    if items[last].isDeleted { return oldValue.map { .removed(old: $0) } }
    return oldValue.map { .updated(old: $0) } ?? .added
  }

  // MARK: - Lists

  /// The steps from the list before the transaction to the list after it.
  func listDelta(_ type: TypeIndex, _ deleted: IdSet) -> [StoredDelta] {
    var builder = ListDeltaBuilder()
    var before = TextAttributes()
    var after = TextAttributes()
    var item = types[type].first
    while item != .none {
      let record = items[item]
      let clockBefore = clockBefore(record.client)
      let oldLength = record.clock >= clockBefore ? 0 : min(record.length, clockBefore - record.clock)
      let isDeletedNow = record.isDeleted && deleted.contains(ID(client: UInt64(record.client), clock: record.clock))
      if record.kind == .format {
        let (key, value) = format(item)
        if oldLength > 0, !record.isDeleted || isDeletedNow { before.apply(key, value) }
        if !record.isDeleted { after.apply(key, value) }
      } else if record.kind.isCountable {
        if record.isDeleted {
          if isDeletedNow { builder.delete(oldLength) }
        } else {
          if oldLength > 0 { builder.retain(oldLength, before, after) }
          if oldLength < record.length { insert(item, oldLength..<record.length, after, &builder) }
        }
      }
      item = record.right
    }
    return builder.finish()
  }

  private func insert(
    _ item: ItemIndex, _ range: Range<UInt64>, _ attributes: TextAttributes, _ builder: inout ListDeltaBuilder
  ) {
    let parent = types[items[item].parent].kind
    if items[item].kind == .string {
      builder.insert(.string(text(item, range)), attributes)
    } else if parent == .text || parent == .xmlText {
      for element in elements(item)[Int(range.lowerBound)...] { builder.insert(.element(element), attributes) }
    } else {
      builder.insert(.elements(Array(elements(item)[Int(range.lowerBound)...])), attributes)
    }
  }
}

/// Joins steps of the same sort, and leaves out what retains to the end.
private struct ListDeltaBuilder {
  private var steps: [StoredDelta] = []
  /// What is being inserted, of one sort or the other: it grows in place, however many items it comes from.
  private var text = ""
  private var elements: [ItemElement] = []
  private var attributes = YObject()

  mutating func delete(_ count: UInt64) {
    guard count > 0 else { return }
    finishInsert()
    if case .delete(let previous) = steps.last {
      steps[steps.count - 1] = .delete(previous + Int(count))
    } else {
      steps.append(.delete(Int(count)))
    }
  }

  mutating func retain(_ count: UInt64, _ before: TextAttributes, _ after: TextAttributes) {
    var changed = YObject()
    for key in after.keys where before[key].map({ !$0.matches(after[key] ?? .null) }) ?? true {
      changed[key] = after[key]?.parsed ?? .null
    }
    for key in before.keys where after[key] == nil { changed[key] = .null }
    finishInsert()
    if case .retain(let previous, let attributes) = steps.last, attributes == changed {
      steps[steps.count - 1] = .retain(previous + Int(count), attributes)
    } else {
      steps.append(.retain(Int(count), changed))
    }
  }

  mutating func insert(_ content: StoredInsert, _ attributes: TextAttributes) {
    let attributes = attributes.object
    switch content {
    case .string(let next):
      if !elements.isEmpty || attributes != self.attributes { finishInsert() }
      text += next
    case .elements(let next):
      if !text.isEmpty { finishInsert() }
      elements += next
    case .element:
      finishInsert()
      steps.append(.insert(content, attributes))
    }
    self.attributes = attributes
  }

  private mutating func finishInsert() {
    if !text.isEmpty { steps.append(.insert(.string(text), attributes)) }
    if !elements.isEmpty { steps.append(.insert(.elements(elements), attributes)) }
    text = ""
    elements = []
  }

  consuming func finish() -> [StoredDelta] {
    finishInsert()
    if case .retain(_, let attributes) = steps.last, attributes.isEmpty { steps.removeLast() }
    return steps
  }
}
