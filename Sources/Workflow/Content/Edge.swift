/// A way from a trigger or a job to a job, with the condition under which it is taken.
public struct Edge: Hashable, Codable, Sendable {
  /// Lower-case uuid, unique among all edges.
  public var id: String
  /// `always`, `on_job_success`, `on_job_failure` or `js_expression` in a valid workflow.
  public var conditionType: String
  public var conditionExpression: String?
  public var conditionLabel: String?
  public var enabled: Bool
  /// Exactly one of the two sources is set in a valid workflow.
  public var sourceJobID: String?
  public var sourceTriggerID: String?
  public var targetJobID: String?

  public init(
    id: String, conditionType: String = "always", conditionExpression: String? = nil, conditionLabel: String? = nil,
    enabled: Bool = true, sourceJobID: String? = nil, sourceTriggerID: String? = nil, targetJobID: String? = nil
  ) {
    self.id = id
    self.conditionType = conditionType
    self.conditionExpression = conditionExpression
    self.conditionLabel = conditionLabel
    self.enabled = enabled
    self.sourceJobID = sourceJobID
    self.sourceTriggerID = sourceTriggerID
    self.targetJobID = targetJobID
  }
}
