import Workflow
import YCRDT
import YProtocol

extension RoomRecord {
  /// The same record with other texts, values and names of the same shape. What its replay comes to is written into it, so
  /// that it can be replayed itself.
  public func redacted(key: UInt64) throws(RecordError) -> RoomRecord {
    var copy = self
    copy.header.isRedacted = true
    copy.header.fault = header.fault.map { String($0.prefix { $0 != ":" }) }
    guard let keyframe else { return copy }
    var redactor = RecordRedactor(key: key)
    do {
      copy.keyframe = try redactor.redacted(keyframe)
      for index in copy.steps.indices { copy.steps[index].event = try redactor.redacted(copy.steps[index].event) }
    } catch {
      throw RecordError("the record cannot be redacted: \(error)")
    }
    return try copy.renewed()
  }

  /// The record with what a replay comes to now in place of what the steps and marks had.
  private func renewed() throws(RecordError) -> RoomRecord {
    var copy = self
    var replay = try RecordReplay(self)
    copy.marks = [RecordMark(after: (steps.first?.number ?? 1) - 1, contents: replay.room.recordedContents)]
    copy.steps = replay.renewedSteps()
    if let last = steps.last {
      copy.marks.append(RecordMark(after: last.number, contents: replay.room.recordedContents))
    }
    return copy
  }
}

/// Replaces what a part of a record says.
private struct RecordRedactor {
  var values: ValueRedactor

  init(key: UInt64) {
    values = ValueRedactor(substitution: Substitution(key: key))
  }

  mutating func redacted<Part: Codable>(_ part: Part) throws -> Part {
    try redacted(try YValue(encoding: part), under: "").decode(Part.self)
  }

  /// `name` is what the value is called by what is around it.
  private mutating func redacted(_ value: YValue, under name: String) -> YValue {
    switch value {
    case .string(let text):
      if Self.structure.contains(name) { return value }
      if name == "state" { return .string(AwarenessRedactor.redacted(state: text, &values)) }
      return .string(Self.texts.contains(name) ? values.text(text) : values.string(text))
    case .binary(let bytes): return .binary(redacted(bytes, under: name))
    case .array(let elements):
      return Self.structure.contains(name) ? value : .array(elements.map { redacted($0, under: name) })
    case .object(let members):
      return .object(
        YObject(members.map { ($0.key, redacted($0.value, under: $0.key.hasPrefix("_") ? name : $0.key)) }))
    default: return value
    }
  }

  private mutating func redacted(_ bytes: [UInt8], under name: String) -> [UInt8] {
    switch name {
    case "syncStep1", "heldStep1", "syncStatus", "payload", "acknowledgement", "acknowledgements", "ids", "startIDs",
      "stateVector", "state", "known":
      bytes
    case "awareness", "shownElsewhere":
      AwarenessRedactor.redacted(bytes, &values) ?? Array(repeating: 0xFF, count: bytes.count)
    default:
      UpdateRedactor.redacted(bytes, &values) ?? Array(repeating: 0xFF, count: bytes.count)
    }
  }

  /// What says of what kind something is, or where.
  private static let structure: Set<String> = [
    "source", "kind", "winner", "status", "recordedBy", "matchedBy", "collection", "unit", "tokens", "commit", "type",
    "incarnation",
  ]

  /// What the document has as a text.
  private static let texts: Set<String> = ["body"]
}

/// Writes an awareness update anew with other states.
enum AwarenessRedactor {
  static func redacted(_ update: [UInt8], _ values: inout ValueRedactor) -> [UInt8]? {
    AwarenessStates(update)?.mapped { redacted(state: $0, &values) }
  }

  static func redacted(state: String, _ values: inout ValueRedactor) -> String {
    guard state != "null" else { return state }
    if let json = try? JSONValue(parsing: state) { return values.json(json).text }
    let text = values.text(state)
    // What was taken for JSON stays JSON, such as a number that is too large for us.
    return (try? JSONSyntax.check(Array(state.utf8)[...])) == nil ? text : JSONValue.string(text).text
  }
}
