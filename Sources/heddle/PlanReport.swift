import Gateway
import Workflow

/// A plan of an import for people to read.
struct PlanReport {
  private let plan: ImportPlan
  /// A value of more characters is shown by its length.
  private static let shownCharacters = 40

  init(_ plan: ImportPlan) {
    self.plan = plan
  }

  /// Some lines, without a line break at the end.
  var text: String {
    var lines = ["project '\(plan.projectName)'\(plan.isNewProject ? ", new" : "")"]
    lines += plan.projectChanges.map { "  " + Self.line($0) }
    for workflow in plan.workflows { lines += Self.lines(workflow) }
    if plan.workflows.isEmpty, plan.projectChanges.isEmpty { lines.append("nothing changes") }
    lines += plan.warnings.lines.map { "warning: \($0)" }
    let count = plan.workflows.count { $0.touchesUnsavedWork }
    lines.append(
      count == 0
        ? "Nothing unsaved is touched." : "Unsaved edits are met in \(count) of \(plan.workflows.count) workflows.")
    return lines.joined(separator: "\n")
  }

  private static func lines(_ workflow: ImportPlan.Workflow) -> [String] {
    let version = workflow.lockVersion.map { ", version \($0)" } ?? ""
    var lines = ["\(workflow.action.rawValue) workflow '\(workflow.name)' (\(workflow.id)\(version))"]
    lines += workflow.changes.map { "  " + line($0) }
    if let presence = workflow.presence {
      let names = presence.names.isEmpty ? "" : ": \(presence.names.joined(separator: ", "))"
      lines.append("  open in \(presence.members) \(presence.members == 1 ? "editor" : "editors")\(names)")
    }
    lines += workflow.unsaved.map { "  \($0.isMet ? "meets " : "")unsaved \(line($0.change))" }
    for conflict in workflow.conflicts {
      let unit = conflict.unit.joined(separator: "/")
      lines.append("  conflict \(conflict.kind.rawValue) at \(unit), stands: \(conflict.winner.rawValue)")
    }
    if let unreadable = workflow.unreadable { lines.append("  the document cannot be read: \(unreadable)") }
    return lines
  }

  private static func line(_ change: ContentChange) -> String {
    let unit = change.unit.joined(separator: "/")
    return switch change.kind {
    case .added: "+ \(unit): \(text(change.after))"
    case .removed: "- \(unit): \(text(change.before))"
    case .changed: "~ \(unit): \(text(change.before)) → \(text(change.after))"
    }
  }

  /// A value in a few words.
  private static func text(_ value: JSONValue?) -> String {
    switch value {
    case nil: "nothing"
    case .object(let members)?: members["name"]?.string.map { "'\($0)'" } ?? "\(members.count) fields"
    case .string(let text)? where text.count > shownCharacters || text.contains("\n"):
      "text of \(text.count) characters"
    case let value?: value.text
    }
  }
}
