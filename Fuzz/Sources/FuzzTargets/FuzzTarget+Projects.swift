import Workflow

@testable import Provisioning

extension FuzzTarget {
  private static let project = "00000000-0000-4000-8000-0000000000ff"
  private static let now = "2026-11-21T06:00:00Z"

  static func runProjectFile(_ bytes: [UInt8]) throws(Finding) {
    guard let choice = bytes.first else { return }
    let name = ["project.yaml", "project.json", "project"][Int(choice) % 3]
    let text = Array(bytes.dropFirst())
    let file: ProjectFile
    do {
      file = try ProjectFile.parse(text, named: name)
    } catch {
      return try check(error, text)
    }
    let empty = ProjectContent(id: project, name: "project")
    let existing = file.isSingleWorkflow ? empty : nil
    guard let content = try imported(file, text, into: existing) else { return }
    try require(try imported(file, text, into: content) == content, "the same file again changes something")
    for format in ProjectFormat.allCases { try checkExport(content, format) }
  }

  /// What an export has, imported, changes nothing.
  private static func checkExport(_ content: ProjectContent, _ format: ProjectFormat) throws(Finding) {
    guard let text = try? ProjectExport(content).text(as: format) else { return }
    let name = format == .json ? "project.json" : "project.yaml"
    let file = try accepted("an export as \(format.rawValue): \(text)") {
      try ProjectFile.parse(Array(text.utf8), named: name)
    }
    let again = try imported(file, Array(text.utf8), into: content)
    try require(again == content, "an export as \(format.rawValue) changes something when it is imported: \(text)")
    guard let again else { return }
    let second = try accepted("an export again") { try ProjectExport(again).text(as: format) }
    try require(second == text, "an export as \(format.rawValue) is spelled otherwise the second time")
  }

  /// What becomes of a project; nil where the import is refused.
  private static func imported(
    _ file: ProjectFile, _ text: [UInt8], into existing: ProjectContent?
  ) throws(Finding) -> ProjectContent? {
    let ids = IDCounter()
    let importing = ProjectImport(file: file, state: nil, projectID: existing?.id ?? project, newID: { ids.next() })
    do throws(ImportErrors) {
      return try importing.applied(to: existing, foreignIDs: [], now: now)
    } catch {
      try check(importing.problems(error), text)
      return nil
    }
  }

  /// That errors say where something is.
  private static func check(_ error: FileProblems, _ text: [UInt8]) throws(Finding) {
    // YAML has more kinds of line ends.
    let lines = text.count { $0 == 0x0A || $0 == 0x0D || $0 == 0x85 || $0 == 0xA8 || $0 == 0xA9 } + 1
    try require((1...FormatLimits().problems + 1).contains(error.problems.count), "\(error.problems.count) problems")
    for problem in error.problems {
      try require(!problem.message.isEmpty, "a problem without words")
      try require((1...lines + 1).contains(problem.line ?? 1) && problem.column ?? 1 >= 1, "a problem at \(problem)")
    }
  }

  static func runImport(_ bytes: [UInt8]) throws(Finding) {
    guard let choice = bytes.first, let document = try? JSONValue(parsing: Array(bytes.dropFirst())) else { return }
    let rows = WorkflowRows(content: .fuzzed, projectID: project, lockVersion: 3, revision: 1)
    let existing = ProjectContent(id: project, name: "demo", workflows: [rows])
    let importing = ProjectImport(document)
    let content: ProjectContent
    do throws(ImportErrors) {
      content = try importing.applied(to: choice.isMultiple(of: 2) ? existing : nil, foreignIDs: [], now: now)
    } catch {
      return try require(!error.flattened.isEmpty, "an import is refused without a reason")
    }
    // What was deleted may be referred to in the same document, and cannot be the next time.
    if let again = try? importing.applied(to: content, foreignIDs: [], now: now) {
      try require(again == content, "the same document again changes something")
    }
    let exported = try accepted("an export") { () throws(ImportErrors) in
      try ProjectImport(content.exported).applied(to: content, foreignIDs: [], now: now)
    }
    try require(exported == content, "an export changes something when it is imported")
  }

  static func runProjectPlace(_ bytes: [UInt8]) throws(Finding) {
    guard let choice = bytes.first else { return }
    let text = Array(bytes.dropFirst())
    guard choice.isMultiple(of: 2) else { return try runProjectState(text) }
    guard let config = try? ProjectConfig.parse(text, named: "deploy/openfn.yaml") else { return }
    for path in [config.specPath, config.statePath].compactMap({ $0 }) {
      try require(TreePath.normalized(path) == path, "the path '\(path)' is not normal")
      let parts = Array(path.utf8).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      try require(!parts.contains { $0.isEmpty || $0 == [0x2E, 0x2E] }, "the path '\(path)' leads outside")
    }
  }

  private static func runProjectState(_ text: [UInt8]) throws(Finding) {
    let state: ProjectState
    do {
      state = try ProjectState.parse(text, named: "state.json")
    } catch {
      return try require(!error.problems.isEmpty, "a state is refused without a reason")
    }
    let again = try accepted("a state as we write it") {
      try ProjectState.parse(Array(state.text.utf8), named: "state.json")
    }
    try require(again == state, "another state after a round trip")
  }
}

/// Uuids one after the other.
private final class IDCounter: @unchecked Sendable {
  private var count = 0

  func next() -> String {
    count += 1
    let digits = String(count, radix: 16)
    return "10000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
  }
}
