import Workflow

/// Where the nodes lie. Positions belong to nodes: those of nodes that the merge removes go, none come without a node.
extension MergePlanner {
  mutating func planPositions() {
    let followsNodes = plan.jobs.changesMembers || plan.triggers.changesMembers
    if !followsNodes, let base = self.base, base.content.positions == rows.content.positions { return }
    let live = self.live.shownPositions.compactMapValues(\.canonical)
    let base = self.base?.content.positions?.compactMapValues(\.canonical) ?? [:]
    let database = rows.content.positions?.compactMapValues(\.canonical) ?? [:]
    for id in Set(live.keys).union(database.keys).sorted() {
      let writes: Bool
      noteMove(of: id, base: base[id], live: live[id], database: database[id])
      if isRemoved(id) {
        writes = live[id] != nil
      } else if isPresent(id) {
        // A node that only the document keeps has no position in the database to follow.
        guard isInDatabase(id) else { continue }
        writes =
          live[id] == nil && isInserted(id)
          ? database[id] != nil
          : takesPosition(id, base: base[id], live: live[id], database: database[id])
      } else {
        writes = self.base != nil && live[id] != nil && live[id] == base[id] && database[id] == nil
      }
      if writes { plan.positions.append(FieldWrite(path: [id], value: isRemoved(id) ? nil : database[id])) }
    }
  }

  /// That somebody moved a node does not keep it when the other side deletes it, but it is on record, with the node, so
  /// that both can come back.
  private mutating func noteMove(of id: String, base: JSONValue?, live: JSONValue?, database: JSONValue?) {
    guard self.base != nil, !isPresent(id) else { return }
    if isRemoved(id), let live, live != base {
      recordMove(of: id, base: base, live: live, database: nil)
    } else if isInDatabase(id), let database, database != base {
      recordMove(of: id, base: base, live: nil, database: database)
    }
  }

  private mutating func recordMove(of id: String, base: JSONValue?, live: JSONValue?, database: JSONValue?) {
    let collection = plan.jobs.base[id] != nil ? Job.collection : Trigger.collection
    let fields = plan.jobs.base[id]?.fields ?? plan.triggers.base[id]?.fields ?? [:]
    func node(at position: JSONValue?) -> JSONValue {
      .object(fields.merging([Conflict.positionKey: position ?? .null]) { $1 })
    }
    plan.conflicts.append(
      Conflict(
        kind: live == nil ? .deleteEdit : .editDelete, unit: [collection, id], base: node(at: base),
        live: live.map(node), database: database.map(node), winner: live == nil ? .live : .database))
  }

  private mutating func takesPosition(
    _ id: String, base: JSONValue?, live: JSONValue?, database: JSONValue?
  ) -> Bool {
    let verdict =
      self.base == nil
      ? Verdict(unknownBaseLive: live, database: database) : Verdict(base: base, live: live, database: database)
    guard case .conflict(let kind) = verdict else { return verdict == .adopt }
    let takesDatabase =
      switch kind {
      case .deleteEdit: true
      case .editDelete: false
      case .noBase: live == nil
      case .editEdit, .addAdd: policy.rule(for: ["positions", id]).winner == .database
      }
    let winner: Conflict.Winner =
      live == nil ? .restored : database == nil ? .kept : takesDatabase ? .database : .live
    plan.conflicts.append(
      Conflict(
        kind: kind, unit: ["positions", id], base: base, live: live, database: database, winner: winner))
    return takesDatabase
  }

  private func isPresent(_ id: String) -> Bool { plan.jobs.contains(id) || plan.triggers.contains(id) }
  /// A job whose id a trigger has from now on is still a node.
  private func isRemoved(_ id: String) -> Bool {
    !isPresent(id) && (plan.jobs[id] == .delete || plan.triggers[id] == .delete)
  }
  private func isInserted(_ id: String) -> Bool { plan.jobs[id] == .insert || plan.triggers[id] == .insert }
  private func isInDatabase(_ id: String) -> Bool {
    plan.jobs.database[id] != nil || plan.triggers.database[id] != nil
  }
}
