/// What starts a workflow: a webhook, a schedule or a Kafka topic.
public struct Trigger: Hashable, Sendable {
  /// Lower-case uuid, unique among all triggers.
  public var id: String
  /// `webhook`, `cron` or `kafka` in a valid workflow.
  public var type: String
  public var enabled: Bool
  public var cronExpression: String?
  public var cronCursorJobID: String?
  /// `before_start`, `after_completion` or `custom`.
  public var webhookReply: String?
  public var customPath: String?
  /// An object, never with `username` or `password`: secrets do not enter documents.
  public var kafkaConfiguration: JSONValue?
  public var webhookResponseConfig: JSONValue?

  public init(
    id: String, type: String = "webhook", enabled: Bool = true, cronExpression: String? = nil,
    cronCursorJobID: String? = nil, webhookReply: String? = nil, customPath: String? = nil,
    kafkaConfiguration: JSONValue? = nil, webhookResponseConfig: JSONValue? = nil
  ) {
    self.id = id
    self.type = type
    self.enabled = enabled
    self.cronExpression = cronExpression
    self.cronCursorJobID = cronCursorJobID
    self.webhookReply = webhookReply
    self.customPath = customPath
    self.kafkaConfiguration = kafkaConfiguration
    self.webhookResponseConfig = webhookResponseConfig
  }
}
