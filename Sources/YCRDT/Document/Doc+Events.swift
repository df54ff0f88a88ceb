extension Doc {
  /// Calls `handler` after every transaction that changed the content of any type, with one event per type, outer
  /// types first.
  public func observeDeep(_ handler: @escaping ([YEvent]) -> Void) -> Subscription {
    observe(.document, handler)
  }

  /// What the transaction changed, before its garbage is collected: types that existed before and still exist.
  func collectEvents(origin: Origin?, isLocal: Bool) -> [YEvent] {
    var keysByType: [TypeIndex: Set<KeyIndex>] = [:]
    for number in 0..<UInt32(store.transaction.changes.count) {
      let change = store.transaction.changes[number]
      keysByType[change.type, default: []].insert(change.key)
    }
    let deleted = store.deletedNow()
    var events: [YEvent] = []
    for (type, keys) in keysByType where store.isObservable(type) {
      let listChanged = keys.contains(.none)
      let delta = listChanged ? store.listDelta(type, deleted).map { listChange($0, type) } : []
      var changes: [String: YEvent.KeyChange] = [:]
      for key in keys where key != .none {
        if let change = store.keyChange(type, key, deleted) { changes[store.keys.string(key)] = change }
      }
      guard !delta.isEmpty || !changes.isEmpty else { continue }
      let (root, path) = store.path(of: type)
      events.append(
        YEvent(
          target: element(.type(type)), root: root, path: path, keys: changes, delta: delta, origin: origin,
          isLocal: isLocal, type: type))
    }
    return events.sorted { ($0.path.count, $0.type) < ($1.path.count, $1.type) }
  }

  private func listChange(_ change: StoredDelta, _ type: TypeIndex) -> YEvent.ListChange {
    switch change {
    case .retain(let count, let attributes): .retain(count, attributes: attributes)
    case .delete(let count): .delete(count)
    case .insert(.string(let string), let attributes): .insertText(string, attributes: attributes)
    case .insert(.element(let embed), let attributes): .insertEmbed(element(embed), attributes: attributes)
    case .insert(.elements(let elements), _): .insert(elements.map { element($0) })
    }
  }
}
