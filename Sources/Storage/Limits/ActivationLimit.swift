/// Decides whether one more workflow of a project may be active: have a trigger that is on. Asked inside the transaction that
/// would make it so, one at a time for each project, and only for workflows that are not active yet.
public protocol ActivationLimit: Sendable {
  /// Why not, for people; nil where it may. `active` is how many others of the project are.
  func refusal(in projectID: String, active: Int) -> String?
}

/// So many workflows of each project may be active at once.
public struct MaximumActiveWorkflows: ActivationLimit {
  /// How many.
  public var maximum: Int

  public init(_ maximum: Int) {
    self.maximum = maximum
  }

  public func refusal(in projectID: String, active: Int) -> String? {
    active < maximum
      ? nil : "\(active) workflows of this project are active, and at most \(maximum) may be: switch another one off"
  }
}
