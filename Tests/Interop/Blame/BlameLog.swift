import Foundation
import Testing
import Workflow
import YCRDT

/// Keeps by itself who last set every field and every character of a workflow, from what the tests do and from what shows
/// before and after. Every value and every character that is ever written is another one, so it is known by itself.
struct BlameLog {
  /// One thing that somebody did.
  final class Operation {
    let source: String
    let name: String?
    let client: UInt64?
    let commit: String?
    var number: Int?
    var version: Int?
    /// The seconds in which it was done.
    let begin: Int64
    var end: Int64

    init(_ source: String, name: String? = nil, client: UInt64? = nil, commit: String? = nil, version: Int? = nil) {
      (self.source, self.name, self.client, self.commit, self.version) = (source, name, client, commit, version)
      begin = Self.now
      end = begin
    }

    static var now: Int64 { Int64(Date.now.timeIntervalSince1970) }
  }

  /// What a document shows: by unit a value, or the characters of a text.
  typealias State = [[String]: Shown]

  enum Shown: Equatable {
    case value(JSONValue)
    case text([UInt16])
  }

  private struct Key: Hashable {
    let unit: [String]
    let character: UInt16?
    let value: JSONValue?
  }

  /// Mostly one; several where nobody can tell by the content which of them it is.
  private var owners: [Key: [Operation]] = [:]
  private var repeated: Set<Key> = []
  private(set) var operations: [Operation] = []

  /// Notes what `operation` brought: all that shows after it and did not before. `chosen` is a unit in which it may have
  /// written what was there.
  mutating func note(_ operation: Operation, before: State, after: State, chosen: [String]? = nil) {
    operation.end = Operation.now
    operations.append(operation)
    for (unit, shown) in after {
      switch shown {
      case .value(let value):
        let key = Key(unit: unit, character: nil, value: value)
        if shown != before[unit] {
          owners[key] = [operation]
        } else if let chosen, unit.starts(with: chosen) {
          owners[key]?.append(operation)
        }
      case .text(let characters): note(operation, characters, unit, before: before[unit])
      }
    }
  }

  /// What is taken back can bring a character a second time.
  private mutating func note(_ operation: Operation, _ characters: [UInt16], _ unit: [String], before: Shown?) {
    guard .text(characters) != before else { return }
    var old: [UInt16] = []
    if case .text(let characters)? = before { old = characters }
    for character in characters {
      let key = Key(unit: unit, character: character, value: nil)
      if repeated.contains(key) || characters.count(where: { $0 == character }) > 1 {
        repeated.insert(key)
        owners[key, default: []].append(operation)
      } else if !old.contains(character) {
        owners[key] = [operation]
      }
    }
  }

  /// Everything that somebody has done and that is in no version yet is in this one.
  func settle(in version: Int, where isMeant: (Operation) -> Bool = { _ in true }) {
    for operation in operations where operation.version == nil && isMeant(operation) { operation.version = version }
  }

  private func keys(_ unit: [String], _ shown: Shown) -> [Key] {
    switch shown {
    case .value(let value): [Key(unit: unit, character: nil, value: value)]
    case .text(let characters): characters.map { Key(unit: unit, character: $0, value: nil) }
    }
  }

  // MARK: Comparing

  /// Compares an answer of the server for a document that shows `state`.
  func expect(_ blame: JSONValue, says state: State, precision: Int64, _ note: String) {
    let writes = blame["data"]?["writes"]?.array ?? []
    var seen: Set<[String]> = []
    for entry in blame["data"]?["units"]?.array ?? [] {
      let unit = (entry["unit"]?.array ?? []).compactMap(\.string)
      seen.insert(unit)
      guard let shown = state[unit] else {
        Issue.record("\(note): \(unit) is not in the document")
        continue
      }
      for (key, place) in zip(keys(unit, shown), places(in: entry, shown, note)) {
        let write = place.flatMap { writes.indices.contains($0) ? writes[$0] : nil } ?? .null
        let wrong = (owners[key] ?? []).compactMap { $0.differs(from: write, precision) }
        if wrong.count == owners[key]?.count ?? 0 {
          Issue.record("\(note): \(key): \(wrong), \(write.text)")
        }
      }
    }
    #expect(seen == Set(state.keys), "\(note)")
  }

  /// For each character, or for the one value, which write the answer gives.
  private func places(in entry: JSONValue, _ shown: Shown, _ note: String) -> [Int?] {
    guard case .text(let characters) = shown else { return [entry["write"]?.integer] }
    #expect(entry["length"]?.integer == characters.count, "\(note)")
    var places: [Int?] = []
    for range in entry["ranges"]?.array ?? [] {
      #expect(range["start"]?.integer == places.count, "\(note): ranges leave nothing out")
      let count = (range["end"]?.integer ?? 0) - places.count
      #expect(count > 0, "\(note)")
      places += Array(repeating: range["write"]?.integer, count: max(0, count))
    }
    #expect(places.count == characters.count, "\(note)")
    return places
  }
}

extension BlameLog.Operation {
  /// What an answer says otherwise; nil for nothing.
  fileprivate func differs(from write: JSONValue, _ precision: Int64) -> String? {
    if write["source"]?.string != source { return "expected \(source)" }
    if write["actor"]?["name"]?.string != name { return "expected \(name ?? "nobody")" }
    if write["client"]?.integer != client.map({ Int($0) }) { return "expected client \(client ?? 0)" }
    if write["commit"]?.string != commit { return "expected commit \(commit ?? "none")" }
    if write["reconciliation"]?.integer != number { return "expected record \(number ?? 0)" }
    if write["version"]?.integer != version { return "expected version \(version ?? 0)" }
    if number == nil, client == nil { return write["before"]?.string == nil ? "expected a time before" : nil }
    guard let text = write["at"]?.string, let date = try? Date(text, strategy: .iso8601) else { return "no time" }
    let at = Int64(date.timeIntervalSince1970)
    return (begin - precision - 1...end + 1).contains(at) ? nil : "expected \(begin)...\(end)"
  }
}

extension Tab {
  /// What it shows, unit by unit.
  var state: BlameLog.State {
    var state: BlameLog.State = [:]
    func add(_ unit: [String], _ element: YElement) {
      switch element {
      case .text(let text): state[unit] = .text(Array(text.string.utf16))
      case .map(let map): for key in map.keys { map[key].map { add(unit + [key], $0) } }
      default: state[unit] = .value(JSONValue(element.json))
      }
    }
    for root in ["workflow", "positions"] { add([root], .map(doc.map(root))) }
    for root in ["jobs", "triggers", "edges"] {
      for map in doc.array(root).elements.compactMap(\.map) {
        guard let id = map["id"]?.value?.string else { continue }
        state[[root, id]] = .value(.bool(true))
        add([root, id], .map(map))
      }
    }
    return state
  }
}
