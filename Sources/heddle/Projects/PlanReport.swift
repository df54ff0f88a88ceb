import Gateway
import Workflow

/// A plan of an import for people to read.
struct PlanReport {
  private let plan: ImportPlan
  /// Whether long texts are shown by how they differ.
  private let showsTexts: Bool
  /// A value of more characters is shown by its length.
  private static let shownCharacters = 40

  init(_ plan: ImportPlan, showsTexts: Bool = false) {
    self.plan = plan
    self.showsTexts = showsTexts
  }

  /// Some lines, without a line break at the end.
  var text: String {
    var lines = ["project '\(plan.projectName)'\(plan.isNewProject ? ", new" : "")"]
    lines += plan.projectChanges.flatMap { line($0, nil).indented }
    for workflow in plan.workflows { lines += self.lines(workflow) }
    if plan.workflows.isEmpty, plan.projectChanges.isEmpty { lines.append("nothing changes") }
    lines += plan.warnings.lines.map { "warning: \($0)" }
    let count = plan.workflows.count { $0.touchesUnsavedWork }
    lines.append(
      count == 0
        ? "Nothing unsaved is touched." : "Unsaved edits are met in \(count) of \(plan.workflows.count) workflows.")
    return lines.joined(separator: "\n")
  }

  private func lines(_ workflow: ImportPlan.Workflow) -> [String] {
    let version = workflow.lockVersion.map { ", version \($0)" } ?? ""
    var lines = ["\(workflow.action.rawValue) workflow '\(workflow.name)' (\(workflow.id)\(version))"]
    lines += workflow.changes.flatMap { line($0, workflow).indented }
    if let presence = workflow.presence {
      let names = presence.names.isEmpty ? "" : ": \(presence.names.joined(separator: ", "))"
      lines.append("  open in \(presence.members) \(presence.members == 1 ? "editor" : "editors")\(names)")
    }
    for each in workflow.unsaved {
      lines += "\(each.isMet ? "meets " : "")unsaved \(line(each.change, workflow))".indented
    }
    for conflict in workflow.conflicts {
      let unit = Self.unit(conflict.unit, workflow)
      lines.append("  conflict \(conflict.kind.rawValue) at \(unit), stands: \(conflict.winner.rawValue)")
    }
    if let unreadable = workflow.unreadable { lines.append("  the document cannot be read: \(unreadable)") }
    return lines
  }

  private func line(_ change: ContentChange, _ workflow: ImportPlan.Workflow?) -> String {
    let unit = Self.unit(change.unit, workflow)
    switch change.kind {
    case .added: return "+ \(unit): \(Self.text(change.after))"
    case .removed: return "- \(unit): \(Self.text(change.before))"
    case .changed:
      if showsTexts, case .string(let before)? = change.before, case .string(let after)? = change.after,
        Self.isLong(before) || Self.isLong(after)
      {
        return "~ \(unit):\n\(UnifiedDiff(from: before, to: after).text)"
      }
      return "~ \(unit): \(Self.text(change.before)) → \(Self.text(change.after))"
    }
  }

  /// Where something is, with names in the place of ids.
  private static func unit(_ unit: [String], _ workflow: ImportPlan.Workflow?) -> String {
    unit.map { workflow?.labels[$0] ?? $0 }.joined(separator: "/")
  }

  /// A value in a few words.
  private static func text(_ value: JSONValue?) -> String {
    switch value {
    case nil: "nothing"
    case .object(let members)?: members["name"]?.string.map { "'\($0)'" } ?? "\(members.count) fields"
    case .string(let text)? where isLong(text): "text of \(text.count) characters"
    case let value?: value.text
    }
  }

  private static func isLong(_ text: String) -> Bool { text.count > shownCharacters || text.contains("\n") }
}

extension String {
  /// Its lines, two spaces further in.
  fileprivate var indented: [String] { split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" } }
}
