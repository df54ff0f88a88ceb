import TestSupport
import Testing

@testable import YCRDT

/// Relative positions and snapshots: the bytes that Yjs writes, and what they mean later.
@Suite struct PositionVectorTests {
  @Test func positions() throws {
    var count = 0
    for vector in try Vectors.cases("positions.jsonl") where vector["positions"] != nil {
      let before = try Self.document(vector, "state1")
      let after = try Self.document(vector, "state2")
      var check = VectorCheck("positions", vector)
      for position in vector["positions"]?.array ?? [] {
        count += 1
        let what = ["type", "index", "assoc"].map { position[$0]?.shown ?? "" }.joined(separator: " ")
        let number = Int64(position["assoc"]?.value.integer ?? 0)
        let bytes = try #require(position["bytes"]?.bytes)
        let made = try Self.make(position, in: before, number)
        check.equalBytes(made.encoded(), bytes, "\(what) encoded")
        let decoded = try RelativePosition(decoding: bytes)
        check.equal(decoded, made, "\(what) decoded")
        check.equal(made.json.shown, position["json"]?.shown, "\(what) as JSON")
        check.equal(RelativePosition(json: made.json), made, "\(what) from JSON")
        for form in [decoded, made] {
          check.equal(before.resolve(form)?.index, position["at1"]?.value.integer.map { Int($0) }, "\(what) before")
          check.equal(after.resolve(form)?.index, position["at2"]?.value.integer.map { Int($0) }, "\(what) after")
        }
      }
      check.report()
    }
    #expect(count > 0)
  }

  private static func document(_ vector: VectorJSON, _ state: String) throws -> Doc {
    let doc = Doc(collectsGarbage: vector["gc"] != .bool(false))
    for root in vector["roots"]?.members ?? [] { _ = doc.rootElement(root.key, kind: root.value.string ?? "") }
    try doc.apply(try #require(vector[state]?.bytes))
    return doc
  }

  private static func make(_ position: VectorJSON, in doc: Doc, _ number: Int64) throws -> RelativePosition {
    let index = Int(position["index"]?.integer ?? 0)
    let association: RelativePosition.Association = number < 0 ? .left : .right
    let made: RelativePosition
    switch position["type"]?.string {
    case "t": made = try doc.text("t").relativePosition(at: index, association: association)
    case "a": made = try doc.array("a").relativePosition(at: index, association: association)
    case "a/2":
      made = try #require(doc.array("a")[2].array).relativePosition(at: index, association: association)
    case "m/n":
      made = try #require(doc.map("m")["n"]?.text).relativePosition(at: index, association: association)
    default: throw YError.notAChild
    }
    return RelativePosition(item: made.item, parent: made.parent, rawAssociation: number)
  }

  @Test func oldPositionsHaveNoAssociation() throws {
    for vector in try Vectors.cases("positions.jsonl") where vector["id"]?.string == "relative-no-assoc-legacy" {
      let position = try RelativePosition(decoding: try #require(vector["bytes"]?.bytes))
      #expect(position == RelativePosition(item: ID(client: 1, clock: 2)))
    }
  }

  @Test func snapshots() throws {
    var count = 0
    for vector in try Vectors.cases("positions.jsonl") where vector["snaps"] != nil {
      let doc = try Self.document(vector, "state2")
      let roots = vector["roots"] ?? .null
      var check = VectorCheck("snapshots", vector)
      let empty = Snapshot()
      check.equalBytes(empty.encoded(), vector["empty"]?["v1"]?.bytes, "empty V1")
      check.equalBytes(empty.encoded(format: .v2), vector["empty"]?["v2"]?.bytes, "empty V2")
      for (number, snapshot) in (vector["snaps"]?.array ?? []).enumerated() {
        count += 1
        let expected = Snapshot(
          stateVector: snapshot["sv"]?.stateVector ?? StateVector(), deleteSet: snapshot["ds"]?.deleteSet ?? IdSet())
        for (format, name) in [(UpdateFormat.v1, "v1"), (.v2, "v2")] {
          let bytes = try #require(snapshot[name]?.bytes)
          check.equal(try Snapshot(decoding: bytes, format: format), expected, "\(number) \(name) decoded")
          check.equalBytes(expected.encoded(format: format), bytes, "\(number) \(name) encoded")
        }
        let restored = try doc.restored(at: expected)
        check.equal(restored.snapshot(), expected, "\(number) taken again")
        if let content = vector["restored\(number + 1)"] {
          check.content(restored, content, roots: roots, "restored \(number)")
          check.equalBytes(
            restored.encodeStateAsUpdate(), vector["restored\(number + 1)State"]?.bytes, "state of restored \(number)")
        }
      }
      check.equal(doc.snapshot().encoded(), vector["snaps"]?.array.last?["v1"]?.bytes, "taken now")
      check.report()
    }
    #expect(count > 0)
  }
}
