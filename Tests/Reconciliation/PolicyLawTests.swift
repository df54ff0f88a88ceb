import Reconciliation
import TestSupport
import Testing
import Workflow
import YCRDT

/// A policy decides winners and nothing else: whoever wins, nothing is lost.
@Suite struct PolicyLawTests {
  /// One path at a time, all at once, and random selections.
  private func overrides(_ random: inout SeededGenerator) -> [[String: Policy.Winner]] {
    let paths = Policy.standard.overridablePaths
    func flipped(_ paths: [String]) -> [String: Policy.Winner] {
      Dictionary(uniqueKeysWithValues: paths.map { ($0, $0 == "positions.*" ? .database : .live) })
    }
    let subsets = (0..<4).map { _ in flipped(paths.filter { _ in Bool.random(using: &random) }) }
    return paths.map { flipped([$0]) } + [flipped(paths), [:]] + subsets
  }

  /// What the override says about the value at a path of ids, told independently of the policy.
  private func winner(_ unit: [String], _ overrides: [String: Policy.Winner]) -> Conflict.Winner {
    let path: String
    switch unit[0] {
    case "workflow": path = unit.joined(separator: ".")
    case "positions": path = "positions.*"
    default: path = "\(unit[0]).*.\(unit[2])"
    }
    let isLive = overrides[path].map { $0 == .live } ?? (unit[0] == "positions")
    return isLive ? .live : .database
  }

  @Test func g04_g05_g06_everyOverrideFlipsWinnersOnly() throws {
    for round in 0..<TestSeed.rounds(8, share: 0.02) {
      let seed = TestSeed.value &+ 50_000 &+ UInt64(round)
      let merge = try MergeCase(seed: seed)
      var random = SeededGenerator(seed: seed)
      let (base, database) = (State(merge.base.content), State(merge.rows.content))
      var units: Set<ValueRecord>?
      for overrides in overrides(&random) {
        let doc = merge.doc.fork(clientID: merge.doc.clientID)
        let policy = try Policy.standard.overriding(winners: overrides)
        let result = try Reconciler(policy: policy).merge(rows: merge.rows, base: merge.base, into: doc)
        let oracle = Merge3.run(base: base, live: merge.live, database: database) { winner($0, overrides) }
        expectAgreement(result, doc, with: oracle, database: database, "seed \(seed), \(overrides)")
        let records = Set(result.conflicts.compactMap(ValueRecord.init))
        #expect(units ?? records == records, "seed \(seed), \(overrides): other units are in conflict")
        units = records
      }
    }
  }

  @Test func g07_theValueThatDoesNotStandIsInARecord() throws {
    for round in 0..<TestSeed.rounds(60) {
      let seed = TestSeed.value &+ 60_000 &+ UInt64(round)
      let merge = try MergeCase(seed: seed)
      var random = SeededGenerator(seed: seed)
      let overrides = try #require(overrides(&random).randomElement(using: &random))
      let policy = try Policy.standard.overriding(winners: overrides)
      let result = try Reconciler(policy: policy).merge(rows: merge.rows, base: merge.base, into: merge.doc)
      let (base, live, database) = merge.sides
      let sides = Sides(base: base, live: live, database: database, merged: State(merge.doc))
      sides.expectNothingLost(result.conflicts, "seed \(seed), \(overrides)")
    }
  }
}

/// A record about a value that both sides have, without who won. (Records about entities that one side does not have can
/// follow from a reference that won, so they depend on the policy.)
private struct ValueRecord: Hashable {
  var kind: Conflict.Kind
  var unit: [String]
  var values: [JSONValue?]
  var range: Range<Int>?

  init?(_ conflict: Conflict) {
    guard conflict.kind == .editEdit || conflict.kind == .addAdd, conflict.unit[0] != "positions" else { return nil }
    self.kind = conflict.kind
    unit = conflict.unit
    values = [conflict.base, conflict.live, conflict.database]
    range = conflict.range
  }
}

/// All values of the three versions and of the result, path by path, for a check that knows nothing of kinds and rules.
private struct Sides {
  var base: [[String]: JSONValue]
  var live: [[String]: JSONValue]
  var database: [[String]: JSONValue]
  var merged: [[String]: JSONValue]

  init(base: State, live: State, database: State, merged: State) {
    // That somebody moved a node does not keep it when the other side deletes it: then its place is in the node's record.
    func leaves(_ state: State) -> [[String]: JSONValue] {
      let leaves = state.leaves.compactMap { path, value -> ([String], JSONValue)? in
        guard path[0] == "positions", !merged.nodes.contains(path[1]) else { return (path, value) }
        guard state.nodes.contains(path[1]) else { return nil }
        return ([state.jobs[path[1]] != nil ? "jobs" : "triggers", path[1], "position"] + path.dropFirst(2), value)
      }
      return Dictionary(uniqueKeysWithValues: leaves)
    }
    (self.base, self.live) = (leaves(base), leaves(live))
    (self.database, self.merged) = (leaves(database), leaves(merged))
  }

  /// Every value that one side wrote stands in the result, or is in a record about it or about what it is part of.
  func expectNothingLost(_ conflicts: [Conflict], _ comment: Comment) {
    let merged = merged
    for (path, value) in live where value != base[path] && merged[path] != value {
      #expect(conflicts.contains { $0.holds(value, of: \.live, at: path) }, "\(comment): live \(path)")
    }
    for (path, value) in database where value != base[path] && merged[path] != value {
      #expect(conflicts.contains { $0.holds(value, of: \.database, at: path) }, "\(comment): database \(path)")
    }
  }
}

extension State {
  /// Every value but texts, which have their own checks, and positions without a node.
  fileprivate var leaves: [[String]: JSONValue] {
    var leaves: [[String]: JSONValue] = [:]
    func add(_ value: JSONValue, at path: [String]) {
      guard case .object(let members) = value, path[0] != "positions" else { return leaves[path] = value }
      for (key, member) in members { add(member, at: path + [key]) }
    }
    add(.object(workflow), at: ["workflow"])
    for (name, entities) in [("jobs", jobs), ("triggers", triggers), ("edges", edges)] {
      for (id, fields) in entities { add(.object(fields.filter { $0.key != "body" }), at: [name, id]) }
    }
    for (id, position) in positions where nodes.contains(id) { leaves[["positions", id]] = position }
    return leaves
  }
}

extension Conflict {
  /// Whether this record is about the place, or something around it, and has the value.
  fileprivate func holds(_ value: JSONValue, of side: KeyPath<Conflict, JSONValue?>, at path: [String]) -> Bool {
    let groups = [
      "project_credential_id": "credential", "keychain_credential_id": "credential", "source_job_id": "source",
      "source_trigger_id": "source",
    ]
    var group = path
    if let last = path.last, let name = groups[last] { group = path.dropLast() + [name, last] }
    for place in [path, group] where place.starts(with: unit) {
      var found = self[keyPath: side]
      for key in place.dropFirst(unit.count) { found = found?[key] }
      if found == value { return true }
    }
    return false
  }
}
