import Reconciliation
import TestSupport
import Testing
import Workflow
import YCRDT

/// What the reconciler promises, by the numbers of the list of guarantees; see README.md for where the others are.
@Suite struct GuaranteeTests {
  /// Calls `body` with random merges that were not made yet.
  func forEachCase(_ count: Int, from offset: UInt64, _ body: (MergeCase, String) throws -> Void) throws {
    for round in 0..<TestSeed.rounds(count) {
      let seed = TestSeed.value &+ offset &+ UInt64(round)
      try body(try MergeCase(seed: seed), "HEDDLE_TEST_SEED=\(TestSeed.value), seed \(seed)")
    }
  }

  /// Merges and returns what came of it.
  func merge(_ merge: MergeCase, _ policy: Policy = .standard) throws -> (result: Reconciliation, merged: State) {
    let result = try Reconciler(policy: policy).merge(rows: merge.rows, base: merge.base, into: merge.doc)
    return (result, State(merge.doc))
  }

  // MARK: What one side alone did stays

  @Test func g04_unsavedIntentIsKept() throws {
    try forEachCase(120, from: 100_000) { example, seed in
      let (base, live, database) = example.sides
      let (result, merged) = try merge(example)
      expectKept(live, since: base, unless: database, in: merged, result.conflicts, seed)
      for (id, job) in live.jobs {
        // A character of the base that is missing was taken out by somebody.
        let body = job["body"]?.string ?? ""
        let written = Set(body).subtracting(base.jobs[id]?["body"]?.string ?? "")
        guard !written.isEmpty else { continue }
        let found = Set(merged.jobs[id]?["body"]?.string ?? "")
        #expect(written.isSubset(of: found), "\(seed): \(written.subtracting(found)) is gone from \(id)")
      }
    }
  }

  @Test func g05_outsideChangesAreAdopted() throws {
    try forEachCase(120, from: 110_000) { example, seed in
      let (base, live, database) = example.sides
      let (result, merged) = try merge(example)
      expectKept(database, since: base, unless: live, in: merged, result.conflicts, seed)
      for (id, job) in database.jobs {
        let written = Set(job["body"]?.string ?? "").subtracting(base.jobs[id]?["body"]?.string ?? "")
        guard !written.isEmpty else { continue }
        let found = Set(merged.jobs[id]?["body"]?.string ?? "")
        #expect(written.isSubset(of: found), "\(seed): \(written.subtracting(found)) is gone from \(id)")
      }
    }
  }

  /// What `side` changed and `other` did not is in `merged`.
  private func expectKept(
    _ side: State, since base: State, unless other: State, in merged: State, _ conflicts: [Conflict], _ seed: String
  ) {
    for unit in Unit.all(in: [side, base, other]) {
      let value = unit.value(in: side)
      guard value != unit.value(in: base), unit.value(in: other) == unit.value(in: base), unit.hasOwner(in: side),
        unit.hasOwner(in: merged), !conflicts.concern(unit)
      else { continue }
      #expect(unit.value(in: merged) == value, "\(seed): \(unit) of one side alone")
    }
    for (name, list) in [("jobs", \State.jobs), ("triggers", \.triggers), ("edges", \.edges)] {
      let (ours, theirs, old) = (side[keyPath: list], other[keyPath: list], base[keyPath: list])
      for id in Set(ours.keys).union(old.keys) where theirs[id] == old[id] && ours[id] != old[id] {
        guard !conflicts.contains(where: { $0.unit == [name, id] }) else { continue }
        let isThere = merged[keyPath: list][id] != nil
        #expect(isThere == (ours[id] != nil), "\(seed): \(name) \(id) was added or removed by one side alone")
      }
    }
  }

  // MARK: Conflicts

  @Test func g07_theLosingValueIsInTheRecord() throws {
    // The other way round: whoever wins by default loses.
    let paths = Policy.standard.overridablePaths
    let other = try Policy.standard.overriding(
      winners: Dictionary(uniqueKeysWithValues: paths.map { ($0, $0.hasPrefix("positions") ? .database : .live) }))
    try forEachCase(120, from: 120_000) { example, seed in
      let (base, live, database) = example.sides
      let fork = example.doc.fork(clientID: example.doc.clientID)
      let (result, merged) = try merge(example)
      _ = try Reconciler(policy: other).merge(rows: example.rows, base: example.base, into: fork)
      let flipped = State(fork)
      for conflict in result.conflicts {
        let unit = Unit(path: conflict.unit)
        for (name, state, value) in [
          ("base", base, conflict.base), ("live", live, conflict.live),
          ("database", database, conflict.database),
        ] {
          var value = value
          if case .object(var members)? = value, conflict.unit.count == 2, conflict.isOfMovedNode {
            let position = members.removeValue(forKey: "position")
            #expect(canonical(position) == canonical(state.positions[unit.path[1]]), "\(seed): place of \(unit)")
            value = .object(members)
          }
          #expect(canonical(value) == canonical(unit.value(in: state)), "\(seed): \(name) of \(unit)")
        }
        // Taking the other side's value leads to what the merge would have come to had that side won.
        switch conflict.winner {
        // Nobody's winning brings back a node for having been moved.
        case .database where conflict.isOfMovedNode, .live where conflict.isOfMovedNode:
          #expect(!unit.hasOwner(in: merged), "\(seed): \(unit)")
        case .database: #expect(canonical(conflict.live) == canonical(unit.value(in: flipped)), "\(seed): \(unit)")
        case .live: #expect(canonical(conflict.database) == canonical(unit.value(in: flipped)), "\(seed): \(unit)")
        case .merged: #expect(conflict.live != nil && conflict.database != nil, "\(seed): \(unit)")
        case .kept, .restored: #expect(unit.hasOwner(in: merged), "\(seed): \(unit)")
        }
      }
    }
  }

  /// Nothing has one form: it is not there.
  private func canonical(_ value: JSONValue?) -> JSONValue? {
    switch value {
    case nil, .null, .string(""): return nil
    case .object(let members):
      let left = members.compactMapValues(canonical).filter { $0.key != "id" }
      return left.isEmpty ? nil : .object(left)
    default: return value
    }
  }

  // MARK: References

  @Test func g10_nothingLeadsNowhere() throws {
    try forEachCase(120, from: 130_000) { example, seed in
      let (_, merged) = try merge(example)
      for dangling in merged.dangling.subtracting(example.sides.live.dangling) {
        Issue.record("\(seed): \(dangling) leads nowhere")
      }
      for list in ["jobs", "triggers", "edges"] {
        let ids = example.doc.array(list).elements.compactMap { $0.map?["id"]?.value?.string }
        #expect(Set(ids).count == ids.count, "\(seed): \(list) has an entity twice")
      }
    }
  }
}

extension Conflict {
  /// Whether one side moved a node that the other deleted.
  fileprivate var isOfMovedNode: Bool {
    unit.count == 2 && (live == nil || database == nil) && (winner == .database || winner == .live)
      && (unit[0] == "jobs" || unit[0] == "triggers")
  }
}

extension State {
  /// References to what is not there.
  fileprivate var dangling: Set<[String]> {
    var found: Set<[String]> = []
    for (id, edge) in edges {
      for (field, targets) in [
        ("source_job_id", jobs), ("target_job_id", jobs), ("source_trigger_id", triggers),
      ] {
        if let target = edge[field]?.string, targets[target] == nil { found.insert(["edges", id, field, target]) }
      }
    }
    for (id, trigger) in triggers {
      if let job = trigger["cron_cursor_job_id"]?.string, jobs[job] == nil { found.insert(["triggers", id, job]) }
    }
    return found
  }
}
