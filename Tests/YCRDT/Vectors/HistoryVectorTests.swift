import TestSupport
import Testing
import YCRDT

/// Random histories: every complete order of delivery ends the same, down to the bytes after a reload.
@Suite struct HistoryVectorTests {
  @Test(arguments: ["histories.jsonl", "yrs-authored.jsonl"])
  func histories(file: String) throws {
    for vector in try Vectors.cases(file) where vector["v"]?.integer == 1 { try Self.replay(vector).report() }
  }

  static func replay(_ vector: VectorJSON) throws -> VectorCheck {
    var check = VectorCheck("history", vector)
    let updates = try (vector["updates"]?.array ?? []).map { try #require($0.bytes) }
    var canonicals: Set<String> = []
    for (name, order) in orders(vector, updates.count) {
      let doc = Doc()
      // As a room takes what members send.
      doc.limits.acceptsCrossedOrigins = false
      for index in order { try doc.apply(updates[index]) }
      if name == "lossy" {
        lossy(vector, doc, &check)
        for update in updates { try doc.apply(update) }
      }
      complete(vector, doc, name, &check)
      let reloaded = try doc.reloaded()
      let canonical = SHA256.prefix(of: reloaded.encodeStateAsUpdate())
      canonicals.insert(canonical)
      // Yrs spells numbers in its own way, which the engine keeps and Yjs does not.
      if let expected = vector["results"]?[name]?["canon1"]?.string, vector["family"]?.string != "yrs-authored" {
        check.equal(canonical, expected, "\(name), bytes after a reload")
      }
      if name == "seq" { try differences(vector, updates, reloaded, &check) }
    }
    check.equal(canonicals.count, 1, "different bytes by order")
    return check
  }

  private static func orders(_ vector: VectorJSON, _ updateCount: Int) -> [(String, [Int])] {
    let count = Int(vector["n"]?.integer ?? UInt64(updateCount))
    let listed = (vector["orders"]?.members ?? []).map { ($0.key, $0.value.indices) }
    return [("seq", Array(0..<count)), ("rev", (0..<count).reversed())] + listed
  }

  private static func complete(_ vector: VectorJSON, _ doc: Doc, _ name: String, _ check: inout VectorCheck) {
    let expected = vector["expect"]
    let roots = vector["roots"] ?? .null
    check.content(doc, expected?["json"], roots: roots, name)
    check.deltas(doc, expected?["deltas"], roots: roots, name)
    check.equal(doc.stateVector, expected?["sv"]?.stateVector, "\(name), state vector")
    check.equal(doc.deleteSet, expected?["ds"]?.deleteSet, "\(name), delete set")
    check.equal(doc.hasPending, false, "\(name), something waits")
  }

  /// Yjs may keep more waiting than has to wait.
  private static func lossy(_ vector: VectorJSON, _ doc: Doc, _ check: inout VectorCheck) {
    let result = vector["results"]?["lossy"]
    guard let known = result?["sv"]?.stateVector, known != doc.stateVector else {
      check.content(doc, result?["json"], roots: vector["roots"] ?? .null, "lossy")
      return
    }
    for client in known.clients where doc.stateVector[client] < known[client] {
      check.fail("lossy, of client \(client): found \(doc.stateVector[client]), expected at least \(known[client])")
    }
  }

  /// A difference brings a peer that knows a part to the whole, and of the reloaded document it has the very bytes.
  private static func differences(
    _ vector: VectorJSON, _ updates: [[UInt8]], _ reloaded: Doc, _ check: inout VectorCheck
  ) throws {
    for difference in vector["diffs"]?.array ?? [] {
      let upTo = Int(difference["upTo"]?.integer ?? 0)
      let found = reloaded.encodeStateAsUpdate(since: try StateVector(decoding: try #require(difference["sv"]?.bytes)))
      if let expected = difference["canon1"]?.string, vector["family"]?.string != "yrs-authored" {
        check.equal(SHA256.prefix(of: found), expected, "difference to update \(upTo)")
      }
      let peer = Doc()
      for update in updates[..<upTo] { try peer.apply(update) }
      try peer.apply(found)
      complete(vector, peer, "after the difference to update \(upTo)", &check)
    }
  }
}
