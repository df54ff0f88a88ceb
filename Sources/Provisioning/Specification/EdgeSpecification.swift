/// An edge as a file describes it. What a file leaves out has its default.
public struct EdgeSpecification: Hashable, Sendable {
  /// Where an edge comes from.
  public enum Source: Hashable, Sendable {
    /// The key of a job.
    case job(String)
    /// The key of a trigger.
    case trigger(String)

    /// The key of the job or trigger.
    public var key: String {
      switch self {
      case .job(let key), .trigger(let key): key
      }
    }
  }

  /// `source->target`, as state files call it.
  public var key: String
  /// Lower-case uuid.
  public var id: String?
  public var source: Source
  /// The key of a job; nil where the edge leads nowhere yet.
  public var target: String?
  public var conditionType: String
  public var conditionExpression: String?
  public var conditionLabel: String?
  public var enabled: Bool

  public init(
    key: String, id: String? = nil, source: Source, target: String?, conditionType: String = "always",
    conditionExpression: String? = nil, conditionLabel: String? = nil, enabled: Bool = true
  ) {
    self.key = key
    self.id = id
    self.source = source
    self.target = target
    self.conditionType = conditionType
    self.conditionExpression = conditionExpression
    self.conditionLabel = conditionLabel
    self.enabled = enabled
  }
}
