/// The ways in which a project, or a single workflow of one, is written down.
public enum ProjectFormat: String, Hashable, Sendable, CaseIterable {
  /// The provisioning JSON: lists of things with ids.
  case json
  /// Project YAML v1: maps of things, keyed by name.
  case v1
  /// Project YAML v2: lists of steps, each with what comes next. Fields of triggers stand on their step.
  case v2
  /// The other dialect of v2: fields of triggers stand under `openfn`, and conditions are expressions.
  case v2Expressions = "v2-expressions"

  /// Whether it is one of the dialects of YAML v2.
  public var isV2: Bool { self == .v2 || self == .v2Expressions }
}
