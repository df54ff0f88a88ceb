import TestSupport
import Testing
import YCRDT

/// Hand-picked cases: every order of delivery, with the exact bytes of states, events and differences.
@Suite struct HandVectorTests {
  @Test func handPickedCases() throws {
    for vector in try Vectors.cases("hand.jsonl") { try Self.replay(vector).report() }
  }

  /// Cases whose values are spelt in a way that Yjs normalises; the engine keeps such bytes as they came.
  private static let keepForeignSpelling: Set = ["json/legacy", "doc/opts-unknown"]

  static func replay(_ vector: VectorJSON) throws -> VectorCheck {
    var check = VectorCheck("hand", vector)
    let updates = try (vector["updates"]?.array ?? []).map { try #require($0["v1"]?.bytes) }
    let results = vector["results"]?.array ?? []
    for result in results {
      let doc = Doc(collectsGarbage: vector["gc"]?.bool ?? true)
      let order = result["order"]?.indices ?? []
      for (step, index) in order.enumerated() {
        let before = doc.fork(clientID: 1)
        let event = try doc.apply(updates[index])
        guard let emitted = result["emitted"]?.array[step], emitted.array.isEmpty else { continue }
        try compare(event?.update, emitted.bytes, before, "event \(step) of \(order)", &check)
      }
      if vector["divergesInYjs"] == nil {
        compare(doc, result, inheriting: results[0], vector, &check)
      }
    }
    if let first = results.first, vector["divergesInYjs"] == nil {
      try differences(vector, updates, first["order"]?.indices ?? [], &check)
    }
    return check
  }

  /// An event may be the received bytes where Yjs joins runs or shortens integers: it must do the same to the document.
  private static func compare(
    _ found: [UInt8]?, _ expected: [UInt8]?, _ before: Doc, _ what: String, _ check: inout VectorCheck
  ) throws {
    guard let found, let expected, found != expected, !keepForeignSpelling.contains(check.id) else {
      if !keepForeignSpelling.contains(check.id) { check.equalBytes(found, expected, what) }
      return
    }
    let other = before.fork(clientID: 1)
    try before.apply(found)
    try other.apply(expected)
    check.equalBytes(before.encodeStateAsUpdate(), other.encodeStateAsUpdate(), what)
  }

  /// What a result does not say is as in the first.
  private static func compare(
    _ doc: Doc, _ result: VectorJSON, inheriting first: VectorJSON, _ vector: VectorJSON, _ check: inout VectorCheck
  ) {
    let label = "order \(result["order"]?.indices ?? [])"
    let roots = vector["roots"] ?? .null
    check.content(doc, result["json"] ?? first["json"], roots: roots, label)
    check.deltas(doc, result["deltas"] ?? first["deltas"], roots: roots, label)
    check.equal(doc.stateVector, (result["sv"] ?? first["sv"] ?? .null).stateVector, "\(label), state vector")
    check.equal(doc.deleteSet, (result["ds"] ?? first["ds"] ?? .null).deleteSet, "\(label), delete set")
    check.equalBytes(
      doc.stateVector.encoded(), (result["svBytes"] ?? first["svBytes"])?.bytes, "\(label), state vector bytes")
    guard result["pending"] == nil else {
      check.equal(doc.hasPending, true, "\(label), something waits")
      return
    }
    check.equal(doc.hasPending, false, "\(label), something waits")
    guard !keepForeignSpelling.contains(check.id) else { return }
    let full = result["full"]?["v1"] ?? first["full"]?["v1"]
    check.equalBytes(doc.encodeStateAsUpdate(), full?.bytes, "\(label), full state")
  }

  private static func differences(
    _ vector: VectorJSON, _ updates: [[UInt8]], _ order: [Int], _ check: inout VectorCheck
  ) throws {
    let doc = Doc(collectsGarbage: vector["gc"]?.bool ?? true)
    for index in order { try doc.apply(updates[index]) }
    guard !doc.hasPending, !keepForeignSpelling.contains(check.id) else { return }
    for difference in vector["diffs"]?.array ?? [] {
      let bytes = try #require(difference["sv"]?.bytes)
      let found = doc.encodeStateAsUpdate(since: try StateVector(decoding: bytes))
      check.equalBytes(found, difference["v1"]?.bytes, "difference to \(difference["sv"]?.string ?? "")")
    }
  }
}
