import TestSupport
import Workflow

/// What all parts of a simulation know: the workflow it begins with, and how tokens are written into its text.
///
/// A token is written once and never removed, so at the end every one of them is in the text exactly once, or something
/// was lost or doubled.
enum Plot {
  static let workflowID = "00000000-0000-4000-8000-000000000001"
  static let textJob = "00000000-0000-4000-8000-0000000000a1"

  static var rows: WorkflowRows {
    WorkflowRows(
      content: WorkflowContent(
        id: workflowID, name: "start", jobs: [Job(id: textJob, name: "Fetch", body: "fn(state => state);\n")]),
      projectID: "00000000-0000-4000-8000-00000000000f", lockVersion: 1, revision: 1)
  }

  /// A job's name that no other job has.
  static func jobName(_ random: inout SeededGenerator) -> String {
    "job \(UInt64.random(in: 0..<(1 << 40), using: &random))"
  }

  static func identifier(_ random: inout SeededGenerator) -> String {
    let digits = String(UInt64.random(in: 0..<(1 << 48), using: &random), radix: 16)
    return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
  }

  /// A UTF-16 offset that is not inside a token.
  static func boundary(in text: String, _ random: inout SeededGenerator) -> Int {
    var offsets = [0]
    var isInside = false
    for (index, unit) in text.utf16.enumerated() {
      if unit == UInt16(UInt8(ascii: "<")) { isInside = true }
      if unit == UInt16(UInt8(ascii: ">")) { isInside = false }
      if !isInside { offsets.append(index + 1) }
    }
    return offsets.randomElement(using: &random) ?? 0
  }

  /// The tokens of a text, in order.
  static func tokens(in text: String) -> [String] {
    text.split(separator: "<", omittingEmptySubsequences: false).dropFirst().map { "<" + $0.prefix { $0 != ">" } + ">" }
  }
}
