import TestSupport
import Testing
import Workflow

/// Patches that are made from two values, and patches that nobody would make.
@Suite struct RandomPatchTests {
  @Test func whatDiffersBetweenTwoValuesMakesOneOfTheOther() throws {
    for seed in 0..<500 as Range<UInt64> {
      var make = WorkflowGenerator(seed: seed, isOdd: true)
      let (old, new) = (make.json(5), make.json(5))
      var operations: [JSONPatch.Operation] = []
      Self.difference(old, new, at: [], into: &operations)
      #expect(try JSONPatch(operations).applied(to: old) == new, "seed \(seed)")
    }
  }

  @Test func mergePatchesAsWell() {
    for seed in 0..<500 as Range<UInt64> {
      var make = WorkflowGenerator(seed: seed, isOdd: true)
      // A merge patch cannot say null.
      let (old, new) = (make.json(5).withoutNulls, make.json(5).withoutNulls)
      #expect(old.merged(with: Self.mergePatch(old, new)) == new, "seed \(seed)")
    }
  }

  /// Places and values by chance: whatever comes of it, it is a value or an error.
  @Test func noPatchIsTooStrange() throws {
    let places = [
      "", "/", "/-", "/0", "/00", "/-1", "/1e3", "/9223372036854775807", "/9223372036854775808", "/__proto__",
      "/constructor/prototype", "/~0~1", "/jobs", "/jobs/-", "/jobs/0", "/jobs/0/body/0", "/jobs/0/name/-",
      "/positions",
      "/jobs/constructor", "/edges/0/enabled", "/triggers/-/type", "/name/0", "/\u{0}", "/é", "/toString", "/NaN",
      "/jobs/99999999999999999999", "/lock_version", "/triggers/0/webhook_response_config/-",
    ]
    for seed in 0..<2000 as Range<UInt64> {
      var make = WorkflowGenerator(seed: seed, isOdd: true)
      let content = make.workflow()
      func place() -> JSONPointer { JSONPointer(make.pick(places)) ?? JSONPointer([]) }
      let operations = (0..<make.pick([1, 2, 5, 20])).map { _ -> JSONPatch.Operation in
        switch Int.random(in: 0..<6, using: &make.random) {
        case 0: .add(place(), make.json(4))
        case 1: .remove(place())
        case 2: .replace(place(), make.json(4))
        case 3: .move(from: place(), to: place())
        case 4: .copy(from: place(), to: place())
        default: .test(place(), make.json(2))
        }
      }
      let patches: [WorkflowPatch] = [.operations(JSONPatch(operations)), .merge(make.json(5))]
      for patch in patches {
        guard let patched = try? patch.applied(to: content, lockVersion: 3, deletedAt: nil) else { continue }
        #expect(patched.id == content.id && WorkflowContent(json: patched.json) == patched, "seed \(seed)")
      }
    }
  }

  /// By ids, as a merge patch or as operations, any edit of a workflow can be said.
  @Test func anyEditOfAWorkflowCanBeSaidByIDs() throws {
    for seed in 0..<300 as Range<UInt64> {
      var make = WorkflowGenerator(seed: seed)
      var old = make.workflow()
      old.edges.removeAll { $0.targetJobID == nil }
      let new = Self.edited(old, &make)
      let merge = WorkflowPatch.merge(Self.byID(old, new))
      let patched = try merge.applied(to: old, lockVersion: 3, deletedAt: nil)
      #expect(old.changes(to: patched) == old.changes(to: new), "seed \(seed)")
      var operations: [JSONPatch.Operation] = []
      for change in old.changes(to: new) { operations.append(Self.operation(change)) }
      let other = try WorkflowPatch.operations(JSONPatch(operations)).applied(to: old, lockVersion: 3, deletedAt: nil)
      #expect(old.changes(to: other) == old.changes(to: new), "seed \(seed)")
    }
  }

  // MARK: Making patches

  private static func difference(
    _ old: JSONValue, _ new: JSONValue, at place: [String], into operations: inout [JSONPatch.Operation]
  ) {
    guard old != new else { return }
    switch (old, new) {
    case (.object(let before), .object(let after)):
      for key in before.keys where after[key] == nil { operations.append(.remove(JSONPointer(place + [key]))) }
      for (key, value) in after {
        guard let known = before[key] else {
          operations.append(.add(JSONPointer(place + [key]), value))
          continue
        }
        difference(known, value, at: place + [key], into: &operations)
      }
    case (.array(let before), .array(let after)):
      for index in stride(from: before.count - 1, through: after.count, by: -1) where index >= after.count {
        operations.append(.remove(JSONPointer(place + ["\(index)"])))
      }
      for (index, value) in after.enumerated() {
        if index < before.count {
          difference(before[index], value, at: place + ["\(index)"], into: &operations)
        } else {
          operations.append(.add(JSONPointer(place + [index % 2 == 0 ? "-" : "\(index)"]), value))
        }
      }
    default: operations.append(.replace(JSONPointer(place), new))
    }
  }

  private static func mergePatch(_ old: JSONValue, _ new: JSONValue) -> JSONValue {
    guard case .object(let before) = old, case .object(let after) = new else { return new }
    var patch: [String: JSONValue] = [:]
    for key in before.keys where after[key] == nil { patch[key] = .null }
    for (key, value) in after where before[key] != value { patch[key] = mergePatch(before[key] ?? .null, value) }
    return .object(patch)
  }

  private static func edited(_ old: WorkflowContent, _ make: inout WorkflowGenerator) -> WorkflowContent {
    var new = old
    if make.chance(50) { new.name += "!" }
    if make.chance(30) { new.concurrency = make.pick([nil, 7]) }
    for index in new.jobs.indices where make.chance(30) { new.jobs[index].body += "more();\n" }
    for index in new.triggers.indices where make.chance(30) { new.triggers[index].comment = make.pick([nil, "new"]) }
    for index in new.edges.indices where make.chance(30) { new.edges[index].enabled.toggle() }
    if make.chance(50) { new.jobs.append(make.job(99)) }
    if make.chance(30), let gone = new.jobs.first?.id {
      new.jobs.removeFirst()
      new.edges.removeAll { $0.sourceJobID == gone || $0.targetJobID == gone }
      new.positions?[gone] = nil
      for index in new.triggers.indices where new.triggers[index].cronCursorJobID == gone {
        new.triggers[index].cronCursorJobID = nil
      }
    }
    return new
  }

  private static func byID(_ old: WorkflowContent, _ new: WorkflowContent) -> JSONValue {
    mergePatch(keyedByID(old), keyedByID(new))
  }

  private static func keyedByID(_ content: WorkflowContent) -> JSONValue {
    var members = content.json.object ?? [:]
    for collection in ["jobs", "triggers", "edges"] {
      let elements = (members[collection]?.array ?? []).map { ($0["id"]?.string ?? "", $0) }
      members[collection] = .object(Dictionary(elements) { first, _ in first })
    }
    return .object(members)
  }

  private static func operation(_ change: ContentChange) -> JSONPatch.Operation {
    let unit = change.unit[0] == "workflow" ? Array(change.unit.dropFirst()) : change.unit
    // "" says as little as null, and both are there.
    guard change.unit.count == 2, change.unit[0] != "workflow" else {
      return .replace(JSONPointer(unit), change.after ?? .null)
    }
    return change.after.map { .add(JSONPointer(unit), $0) } ?? .remove(JSONPointer(unit))
  }
}

extension JSONValue {
  fileprivate var withoutNulls: JSONValue {
    switch self {
    case .object(let members): .object(members.filter { !$0.value.isNull }.mapValues(\.withoutNulls))
    default: self
    }
  }
}
