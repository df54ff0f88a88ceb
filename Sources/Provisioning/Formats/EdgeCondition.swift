/// What the texts of conditions in YAML v2 mean that are no expressions of somebody's own.
enum EdgeCondition {
  private static let expressions = ["on_job_success": "!state.errors", "on_job_failure": "!!state.errors"]

  /// The type of condition that a text stands for, in either dialect; nil where it is an expression.
  static func type(of text: String) -> String? {
    switch text {
    case "always", "on_job_success", "on_job_failure": text
    default: expressions.first { $0.value == text }?.key
    }
  }

  /// Whether the text is how the dialect with expressions spells a type.
  static func isExpression(_ text: String) -> Bool { expressions.values.contains(text) }

  /// How the dialect with expressions spells a type; nil where it has the name itself.
  static func expression(of type: String) -> String? { expressions[type] }
}
