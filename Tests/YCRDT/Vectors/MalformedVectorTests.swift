import TestSupport
import Testing
import YCRDT

/// Hostile input: never a trap, never a hang, and either refused without a trace or taken in soundly.
@Suite struct MalformedVectorTests {
  @Test(.timeLimit(.minutes(2))) func hostileUpdates() throws {
    for vector in try Vectors.cases("malformed.jsonl") where vector["kind"]?.string == "v1" {
      try Self.replay(vector).report()
    }
  }

  @Test func hostileStateVectors() throws {
    for vector in try Vectors.cases("malformed.jsonl") where vector["kind"]?.string == "sv" {
      var check = VectorCheck("malformed", vector)
      let decoded = try? StateVector(decoding: try #require(vector["bytes"]?.bytes))
      if vector["expect"]?.string == "reject" { check.equal(decoded, nil, "must be refused") }
      check.report()
    }
  }

  @Test func hostilePositionsAndSnapshots() throws {
    for vector in try Vectors.cases("malformed.jsonl") {
      guard let bytes = vector["bytes"]?.bytes else { continue }
      switch vector["kind"]?.string {
      case "relpos":
        guard let position = try? RelativePosition(decoding: bytes) else { continue }
        #expect(try RelativePosition(decoding: position.encoded()) == position)
        _ = Doc().resolve(position)
      case "snapshot":
        guard let snapshot = try? Snapshot(decoding: bytes) else { continue }
        #expect(try Snapshot(decoding: snapshot.encoded()) == snapshot)
        _ = try? Doc().restored(at: snapshot)
      default: continue
      }
    }
  }

  /// Where Yjs keeps less: the first of two groups of one client, and members named `__proto__`.
  private static let yjsKeepsLess: Set = ["group/same-client-twice", "json/legacy/proto", "any/proto-key"]

  /// Where Yjs accepts more. Its states cannot be had: numbers above 2^53 - 1 are rounded there, items without length
  /// stand in its lists under clocks that belong to others, JSON numbers beyond a double are infinite until they are
  /// written and null then, and what is nested deeper than a stack can bear works or not as its stack is.
  private static let refusedKnowingly: Set<UpdateError.Reason> = [
    .numberTooLarge, .emptyContent, .nestedTooDeep, .invalidJSON,
  ]

  static func replay(_ vector: VectorJSON) throws -> VectorCheck {
    var check = VectorCheck("malformed", vector)
    let doc = Doc()
    if let base = vector["base"]?.bytes { try doc.apply(base) }
    let before = doc.encodeStateAsUpdate()
    do {
      try doc.apply(try #require(vector["bytes"]?.bytes))
    } catch let error as UpdateError {
      if vector["yjs"]?["outcome"]?.string == "ok", !refusedKnowingly.contains(error.reason) {
        check.fail("refused what Yjs accepts: \(error)")
      }
      check.equalBytes(doc.encodeStateAsUpdate(), before, "state after a refusal")
      check.equal(doc.hasPending, false, "something waits after a refusal")
      return check
    }
    if vector["expect"]?.string == "reject" { check.fail("must be refused") }
    if vector["yjs"]?["outcome"]?.string == "ok", !yjsKeepsLess.contains(check.id) { compare(doc, vector, &check) }
    survivesReload(doc, &check)
    return check
  }

  private static let roots = VectorJSON.object([
    .init(key: "t", value: .string("text")), .init(key: "m", value: .string("map")),
    .init(key: "a", value: .string("array")),
  ])

  private static func compare(_ doc: Doc, _ vector: VectorJSON, _ check: inout VectorCheck) {
    check.content(doc, vector["yjs"]?["json"], roots: roots, "after applying")
    check.equal(doc.stateVector, vector["yjs"]?["sv"]?.stateVector, "state vector")
  }

  private static func survivesReload(_ doc: Doc, _ check: inout VectorCheck) {
    let reloaded = Doc()
    do {
      try reloaded.apply(doc.encodeStateAsUpdate())
    } catch {
      check.fail("the state that came of it does not load: \(error)")
      return
    }
    check.equal(reloaded.stateVector, doc.stateVector, "state vector after a reload")
    for root in roots.members {
      let kind = root.value.string ?? ""
      // JSON is cut at a depth, so that nothing here recurses as deep as the input does.
      let shown = { (doc: Doc) in doc.rootElement(root.key, kind: kind)?.json.shown }
      check.equal(shown(reloaded), shown(doc), "\(root.key) after a reload")
    }
  }
}
