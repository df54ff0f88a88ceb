import TestSupport
import Testing
import YCRDT

/// Undo and redo: what Yjs shows and writes after every step.
@Suite struct UndoVectorTests {
  @Test func undoAndRedo() throws {
    var count = 0
    for vector in try Vectors.cases("undo.jsonl") {
      try Self.replay(vector).report()
      count += 1
    }
    #expect(count > 0)
  }

  private static func replay(_ vector: VectorJSON) throws -> VectorCheck {
    var check = VectorCheck("undo", vector)
    let roots = vector["roots"] ?? .null
    let docs = (vector["clients"]?.array ?? []).map {
      Doc(clientID: $0.integer, collectsGarbage: vector["gc"] != .bool(false))
    }
    for doc in docs { for root in roots.members { _ = doc.rootElement(root.key, kind: root.value.string ?? "") } }
    let managers = try zip(docs, vector["managers"]?.array ?? []).map { try manager($0, $1, roots) }
    let updates = try (vector["updates"]?.array ?? []).map { try #require($0.bytes) }
    for (number, step) in (vector["steps"]?.array ?? []).enumerated() {
      let c = Int(step["c"]?.integer ?? 0)
      let what = "step \(number) of \(c): \(step["do"]?.shown ?? step["ops"]?.shown ?? step["recv"]?.shown ?? "")"
      var emitted: [[UInt8]] = []
      let subscription = docs[c].observeUpdates { if $0.isLocal { emitted.append($0.update) } }
      do {
        try perform(step, docs[c], managers[c], updates, roots)
      } catch {
        check.fail("\(what): \(error)")
      }
      subscription.cancel()
      docs[c].checkIntegrity()
      check.content(docs[c], step["json"], roots: roots, what)
      let expected = step["emit"]?.integer.map { updates[Int($0)] }
      if vector["managers"]?.array[c]["grouped"] == .bool(true) {
        // Joining steps, the oracle also changes the delete set that it is about to send: ids deleted before come again.
        check.equal(emitted.isEmpty, expected == nil, "\(what), whether there is an update")
      } else {
        check.equalBytes(emitted.first, expected, "\(what), update")
      }
      if let manager = managers[c] {
        let stacks = (step["stacks"]?.array ?? []).map { Int($0.integer ?? 0) }
        check.equal([manager.undoStack.count, manager.redoStack.count], stacks, "\(what), stacks")
      }
      if !check.differences.isEmpty { return check }
    }
    for doc in docs {
      check.equal(SHA256.prefix(of: try doc.reloaded().encodeStateAsUpdate()), vector["canon1"]?.string, "at the end")
    }
    return check
  }

  private static func manager(_ doc: Doc, _ options: VectorJSON, _ roots: VectorJSON) throws -> YUndoManager? {
    guard options != .null else { return nil }
    var result = YUndoManager.Options()
    if options["grouped"] == .bool(true) { result.now = { .zero } }
    if let origins = options["origins"]?.array {
      result.trackedOrigins = Set(origins.map { $0.string.map { Origin($0) } })
    }
    result.overridesRemoteMapChanges = options["ignoreRemoteMapChanges"] == .bool(true)
    let names = options["scope"]?.array.compactMap(\.string) ?? roots.members.map(\.key)
    let scope = names.compactMap { doc.rootElement($0, kind: roots[$0]?.string ?? "")?.sharedType }
    return try YUndoManager(doc, scope: scope, options: result)
  }

  private static func perform(
    _ step: VectorJSON, _ doc: Doc, _ manager: YUndoManager?, _ updates: [[UInt8]], _ roots: VectorJSON
  ) throws {
    if let received = step["recv"]?.integer { return _ = try doc.apply(updates[Int(received)], origin: "remote") }
    switch step["do"]?.string {
    case "undo": try manager?.undo()
    case "redo": try manager?.redo()
    case "stop": manager?.stopCapturing()
    case "clear": manager?.clear()
    default:
      try doc.transact(origin: step["origin"]?.string.map { Origin($0) }) {
        for edit in step["ops"]?.array ?? [] { try AuthoringVectorTests.perform(edit, on: doc, roots: roots) }
      }
    }
  }
}
