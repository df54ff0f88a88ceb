public import Workflow

/// A trigger as a file describes it. What a file leaves out has its default.
public struct TriggerSpecification: Hashable, Sendable {
  public var key: String
  /// Lower-case uuid.
  public var id: String?
  public var type: String
  public var enabled: Bool
  public var cronExpression: String?
  /// The key of a job.
  public var cronCursorJob: String?
  public var webhookReply: String?
  public var customPath: String?
  public var comment: String?
  /// With lists of hosts and topics, as in the provisioning JSON; never with secrets. What it does not mention stays.
  public var kafkaConfiguration: [String: JSONValue]?
  public var webhookResponseConfig: JSONValue?

  public init(
    key: String, id: String? = nil, type: String, enabled: Bool = true, cronExpression: String? = nil,
    cronCursorJob: String? = nil, webhookReply: String? = nil, customPath: String? = nil, comment: String? = nil,
    kafkaConfiguration: [String: JSONValue]? = nil, webhookResponseConfig: JSONValue? = nil
  ) {
    self.key = key
    self.id = id
    self.type = type
    self.enabled = enabled
    self.cronExpression = cronExpression
    self.cronCursorJob = cronCursorJob
    self.webhookReply = webhookReply
    self.customPath = customPath
    self.comment = comment
    self.kafkaConfiguration = kafkaConfiguration
    self.webhookResponseConfig = webhookResponseConfig
  }
}
