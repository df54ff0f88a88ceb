import Foundation
import TestSupport
import Testing
import YCRDT

extension VectorJSON {
  /// The state vector that a case writes as an object.
  var stateVector: StateVector {
    var result = StateVector()
    for member in members { result[UInt64(member.key) ?? 0] = member.value.integer ?? 0 }
    return result
  }

  /// The delete set that a case writes as an object of runs.
  var deleteSet: IdSet {
    var result = IdSet()
    for member in members {
      for run in member.value.array {
        let clock = run.array[0].integer ?? 0
        result.insert(UInt64(member.key) ?? 0, clock..<clock + (run.array[1].integer ?? 0))
      }
    }
    return result
  }
}

/// Compares what a document shows with what a case expects, and collects the differences.
struct VectorCheck {
  /// What kind of case it is, and its id.
  let kind: String
  let id: String
  private(set) var differences: [String] = []

  init(_ kind: String, _ vector: VectorJSON) {
    self.kind = kind
    id = vector["id"]?.string ?? ""
  }

  mutating func fail(_ what: String) {
    differences.append(what)
  }

  mutating func equal<T: Equatable>(_ found: T, _ expected: T, _ what: @autoclosure () -> String) {
    guard found != expected else { return }
    differences.append(
      "\(what()): found \(String(describing: found).prefix(600)), expected \(String(describing: expected).prefix(600))")
  }

  mutating func equalBytes(_ found: [UInt8]?, _ expected: [UInt8]?, _ what: @autoclosure () -> String) {
    equal(found.map { Data($0).base64EncodedString() }, expected.map { Data($0).base64EncodedString() }, what())
  }

  /// Compares each root of a case with the document's.
  mutating func content(_ doc: Doc, _ expected: VectorJSON?, roots: VectorJSON, _ what: String) {
    guard let expected else { return }
    for root in roots.members {
      // A root that is an XML element has no name to show.
      guard let wanted = expected[root.key], let kind = root.value.string, kind != "xmlelement" else { continue }
      equal(doc.shownRoot(root.key, kind: kind), wanted.shown, "\(what), root \(root.key)")
    }
  }

  /// Compares the formatted texts of a case, which it names by their paths. Texts embedded in texts (`#`) are left out:
  /// a delta shows them as JSON.
  mutating func deltas(_ doc: Doc, _ expected: VectorJSON?, roots: VectorJSON, _ what: String) {
    guard let expected else { return }
    let found = Dictionary(uniqueKeysWithValues: doc.deltas(roots: roots))
    for member in expected.members where !member.key.contains("#") {
      equal(found[member.key] ?? "[]", member.value.shown, "\(what), delta of \(member.key)")
    }
  }

  /// Records one issue with all differences.
  func report() {
    guard !differences.isEmpty else { return }
    Issue.record("\(kind) \(id)\n  \(differences.prefix(6).joined(separator: "\n  "))")
  }
}

extension Doc {
  /// A fresh document with the same state.
  func reloaded() throws -> Doc {
    let copy = Doc()
    try copy.apply(encodeStateAsUpdate())
    return copy
  }
}
