import Workflow
import YCRDT

/// Replaces what values say, and leaves what they are for.
struct ValueRedactor {
  var substitution: Substitution

  /// Of a string that is part of a text that people edit.
  mutating func text(_ text: String) -> String { substitution(text) }

  /// Of a string that is a value of its own.
  mutating func string(_ text: String) -> String {
    if Self.isKept(text) { return text }
    return Self.hasPorts(text) ? hosts(text) : substitution(text)
  }

  /// Names of hosts are replaced, and ports stay ports.
  private mutating func hosts(_ text: String) -> String {
    text.split(separator: ",", omittingEmptySubsequences: false).map { piece in
      let parts = piece.split(separator: ":", omittingEmptySubsequences: false)
      return substitution(String(parts[0])) + ":" + parts[1]
    }.joined(separator: ",")
  }

  private static func hasPorts(_ text: String) -> Bool {
    text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { piece in
      let parts = piece.split(separator: ":", omittingEmptySubsequences: false)
      return parts.count == 2 && !parts[1].isEmpty && parts[1].utf8.allSatisfy { digits.contains($0) || $0 == 0x20 }
    }
  }

  mutating func json(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string(let text): .string(string(text))
    case .array(let elements): .array(elements.map { json($0) })
    case .object(let members): .object(members.mapValues { json($0) })
    case .null, .bool, .number: value
    }
  }

  /// What says nothing about anybody and decides what a workflow does: ids, the words that fields of a workflow can have,
  /// schedules, and times.
  static func isKept(_ text: String) -> Bool {
    words.contains(text) || DocumentName.isUUID(text) || isTime(text) || isSchedule(text)
  }

  private static let words: Set<String> =
    Set(Trigger.types + Edge.conditionTypes)
    .union(["before_start", "after_completion", "custom", "null", "undefined", ""])
    .union([
      "user", "member", "system", "repository", "unknown", "api", "workflow", "jobs", "triggers", "edges", "positions",
    ])

  private static func isSchedule(_ text: String) -> Bool {
    text.split(separator: " ").count >= 5
      && text.utf8.allSatisfy { digits.contains($0) || "*/,- ".utf8.contains($0) }
  }

  private static func isTime(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard (20...35).contains(bytes.count), bytes[4] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T") else {
      return false
    }
    return bytes.allSatisfy { digits.contains($0) || "-:.TZ+".utf8.contains($0) }
  }

  private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
}
