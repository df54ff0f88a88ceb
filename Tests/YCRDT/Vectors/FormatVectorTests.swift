import TestSupport
import Testing
import YCRDT

/// Format V2 and what is done to updates without a document, against what Yjs makes of the same updates.
@Suite struct FormatVectorTests {
  @Test func handPickedCases() throws {
    var counts = Counts()
    for vector in try Vectors.cases("hand.jsonl") { try Self.replay(vector, &counts).report() }
    print("formats, hand-picked: \(counts)")
    #expect(counts.isComplete, "nothing was compared: \(counts)")
  }

  @Test func histories() throws {
    var counts = Counts()
    defer { #expect(counts.states > 0, "nothing was compared") }
    for vector in try Vectors.cases("histories.jsonl") { try Self.replayHistory(vector, &counts).report() }
    print("formats, histories: \(counts)")
  }

  @Test(.timeLimit(.minutes(2))) func hostileUpdates() throws {
    var (refused, taken) = (0, 0)
    for vector in try Vectors.cases("malformed.jsonl") {
      let bytes = vector["bytes"]?.bytes ?? []
      switch vector["kind"]?.string {
      case "v2":
        if try Self.takesHostile(bytes, vector) { taken += 1 } else { refused += 1 }
      case "merge":
        for format in [UpdateFormat.v1, .v2] { _ = try? Update.merging([bytes, [0, 0]], format: format) }
      default: continue
      }
    }
    print("formats, hostile V2: \(refused) refused, \(taken) taken")
  }

  /// How many results were compared.
  private struct Counts: CustomStringConvertible {
    var conversions = 0
    var states = 0
    var events = 0
    var merges = 0
    var differences = 0
    var vectors = 0

    var isComplete: Bool { [conversions, states, events, merges, differences, vectors].allSatisfy { $0 > 0 } }
    var description: String {
      "\(conversions) updates converted, \(states) states, \(events) events, \(merges) merges, \(differences) differences, "
        + "\(vectors) state vectors"
    }
  }

  /// Spelled in a way that Yjs changes as soon as it reads it.
  private static let keepForeignSpelling: Set = ["json/legacy", "doc/opts-unknown"]
  /// Forms that nobody writes, and that Yjs mends by the way: empty groups, a redundant flag, two delete sets of a client.
  private static let keepForm: Set = ["empty/zero-len-groups", "map/sub-flag-set-with-origin", "ds/same-client-twice"]
  /// Where several updates have the same clocks cut differently, Yjs goes on with whichever reader it is at.
  private static let cutOtherwise: Set = ["nogc/author-gc-replica"]

  /// Of groups in a foreign order, Yjs' merge of an update with itself keeps the first client alone.
  private static let lostInYjs: Set = ["odd/groups-ascending"]

  // MARK: - Hand-picked

  private static func replay(_ vector: VectorJSON, _ counts: inout Counts) throws -> VectorCheck {
    var check = VectorCheck("format", vector)
    guard !keepForeignSpelling.contains(check.id) else { return check }
    let updates = vector["updates"]?.array ?? []
    for update in updates { try convert(update, &check, &counts) }
    let v1 = updates.compactMap { $0["v1"]?.bytes }
    let results = vector["results"]?.array ?? []
    for result in results {
      let order = result["order"]?.indices ?? []
      if vector["divergesInYjs"] == nil { try state(result, results[0], vector, order.map { v1[$0] }, &check, &counts) }
      try merged(result["merged"], order.map { v1[$0] }, "order \(order)", &check, &counts)
    }
    guard let first = results.first?["order"]?.indices, vector["divergesInYjs"] == nil else { return check }
    let doc = Doc(collectsGarbage: vector["gc"]?.bool ?? true)
    for index in first { try doc.apply(v1[index]) }
    guard !doc.hasPending else { return check }
    for difference in vector["diffs"]?.array ?? [] { try compare(difference, of: doc, &check, &counts) }
    return check
  }

  private static func convert(_ update: VectorJSON, _ check: inout VectorCheck, _ counts: inout Counts) throws {
    guard let v1 = update["v1"]?.bytes, let v2 = update["v2"]?.bytes, !keepForm.contains(check.id) else { return }
    counts.conversions += 1
    let there = try Update.converted(v1, from: .v1, to: .v2)
    check.equalBytes(there, v2, "converted to V2")
    check.equalBytes(try Update.converted(v2, from: .v2, to: .v1), v1, "converted to V1")
  }

  private static func state(
    _ result: VectorJSON, _ first: VectorJSON, _ vector: VectorJSON, _ updates: [[UInt8]], _ check: inout VectorCheck,
    _ counts: inout Counts
  ) throws {
    let doc = Doc(collectsGarbage: vector["gc"]?.bool ?? true)
    for update in updates {
      try doc.apply(try Update.converted(update, from: .v1, to: .v2), format: .v2)
      counts.events += 1
    }
    guard !doc.hasPending, let expected = (result["full"]?["v2"] ?? first["full"]?["v2"])?.bytes else { return }
    counts.states += 1
    check.equalBytes(doc.encodeStateAsUpdate(format: .v2), expected, "state V2 after \(result["order"]?.indices ?? [])")
  }

  private static func merged(
    _ expected: VectorJSON?, _ updates: [[UInt8]], _ what: String, _ check: inout VectorCheck, _ counts: inout Counts
  ) throws {
    guard let expected, updates.count > 1, !lostInYjs.contains(check.id) else { return }
    counts.merges += 1
    let found = try Update.merging(updates)
    if cutOtherwise.contains(check.id), let other = expected["v1"]?.bytes {
      return check.equalBytes(try state(of: found), try state(of: other), "state of the merge, \(what)")
    }
    check.equalBytes(found, expected["v1"]?.bytes, "merged, \(what)")
    if let v2 = expected["v2"]?.bytes {
      let converted = try updates.map { try Update.converted($0, from: .v1, to: .v2) }
      check.equalBytes(try Update.merging(converted, format: .v2), v2, "merged V2, \(what)")
    }
    if let bytes = expected["sv"]?.bytes {
      counts.vectors += 1
      check.equal(
        try Update.stateVector(of: found), try StateVector(decoding: bytes), "state vector of the merge, \(what)")
    }
  }

  private static func state(of update: [UInt8]) throws -> [UInt8] {
    let doc = Doc()
    try doc.apply(update)
    return doc.encodeStateAsUpdate()
  }

  private static func compare(
    _ difference: VectorJSON, of doc: Doc, _ check: inout VectorCheck, _ counts: inout Counts
  ) throws {
    guard let known = difference["sv"]?.bytes, let expected = difference["diffUpdate"] else { return }
    counts.differences += 1
    let vector = try StateVector(decoding: known)
    for (format, name) in [(UpdateFormat.v1, "v1"), (.v2, "v2")] {
      let found = try Update.difference(doc.encodeStateAsUpdate(format: format), since: vector, format: format)
      let wanted = expected.string == "same" ? difference[name]?.bytes : expected[name]?.bytes
      if let wanted { check.equalBytes(found, wanted, "difference \(name) to \(difference["sv"]?.string ?? "")") }
    }
  }

  // MARK: - Histories

  private static func replayHistory(_ vector: VectorJSON, _ counts: inout Counts) throws -> VectorCheck {
    var check = VectorCheck("history in V2", vector)
    let isV2 = vector["v"]?.integer == 2
    let n = Int(vector["n"]?.integer ?? 0)
    let updates = try (vector["updates"]?.array ?? []).map { try #require($0.bytes) }
    var canonicals: Set<String> = []
    let orders =
      [("seq", Array(0..<n)), ("rev", (0..<n).reversed())]
      + (vector["orders"]?.members ?? []).filter { $0.key != "lossy" }.map { ($0.key, $0.value.indices) }
    for (name, order) in orders {
      let doc = Doc()
      for index in order { try doc.apply(updates[index], format: isV2 ? .v2 : .v1) }
      check.content(doc, vector["expect"]?["json"], roots: vector["roots"] ?? .null, name)
      check.deltas(doc, vector["expect"]?["deltas"], roots: vector["roots"] ?? .null, name)
      check.equal(doc.stateVector, vector["expect"]?["sv"]?.stateVector, "\(name), state vector")
      let reloaded = Doc()
      try reloaded.apply(doc.encodeStateAsUpdate(format: .v2), format: .v2)
      let canonical = SHA256.prefix(of: reloaded.encodeStateAsUpdate())
      canonicals.insert(canonical)
      if let expected = vector["results"]?[name]?["canon1"]?.string {
        counts.states += 1
        check.equal(canonical, expected, "\(name), bytes after a reload by V2")
      }
      // The bytes before a reload may join deleted runs otherwise, and then the hash says nothing.
      let v1 = SHA256.prefix(of: doc.encodeStateAsUpdate())
      if let expected = vector["results"]?[name], expected["v1"]?.string == v1, let v2 = expected["v2"]?.string {
        counts.conversions += 1
        check.equal(SHA256.prefix(of: doc.encodeStateAsUpdate(format: .v2)), v2, "\(name), state V2")
      }
    }
    check.equal(canonicals.count, 1, "different bytes by order")
    try mergedHistory(vector, Array(updates[..<n]), isV2 ? .v2 : .v1, &check, &counts)
    return check
  }

  private static func mergedHistory(
    _ vector: VectorJSON, _ updates: [[UInt8]], _ format: UpdateFormat, _ check: inout VectorCheck,
    _ counts: inout Counts
  ) throws {
    let merged = try Update.merging(updates, format: format)
    if let expected = vector["merged"]?["sha"]?.string {
      counts.merges += 1
      check.equal(SHA256.prefix(of: merged), expected, "merged")
    }
    let doc = Doc()
    try doc.apply(merged, format: format)
    check.content(doc, vector["expect"]?["json"], roots: vector["roots"] ?? .null, "merged")
    check.equal(try Update.stateVector(of: merged, format: format), doc.stateVector, "state vector of the merge")
  }

  // MARK: - Hostile

  private static func takesHostile(_ bytes: [UInt8], _ vector: VectorJSON) throws -> Bool {
    var check = VectorCheck("hostile V2", vector)
    defer { check.report() }
    let doc = Doc()
    if let base = vector["base"]?.bytes { try doc.apply(base) }
    let before = doc.encodeStateAsUpdate()
    do {
      try doc.apply(bytes, format: .v2)
    } catch {
      check.equalBytes(doc.encodeStateAsUpdate(), before, "state after a refusal")
      return false
    }
    if vector["expect"]?.string == "reject" { check.fail("must be refused") }
    if vector["yjs"]?["outcome"]?.string == "ok" {
      check.equal(doc.stateVector, vector["yjs"]?["sv"]?.stateVector, "state vector")
      let roots = VectorJSON.object([
        .init(key: "t", value: .string("text")), .init(key: "m", value: .string("map")),
        .init(key: "a", value: .string("array")),
      ])
      check.content(doc, vector["yjs"]?["json"], roots: roots, "after applying")
    }
    let reloaded = Doc()
    try reloaded.apply(doc.encodeStateAsUpdate(format: .v2), format: .v2)
    check.equal(reloaded.stateVector, doc.stateVector, "state vector after a reload")
    return true
  }
}
