/// What starts a workflow: a webhook, a schedule or a Kafka topic.
public struct Trigger: Hashable, Codable, Sendable {
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
  /// A note of its author's; editors do not show it.
  public var comment: String?
  /// An object in the document's form (see `KafkaConfiguration`), never with secrets.
  public var kafkaConfiguration: JSONValue?
  /// Anything but `null`, which is nil.
  public var webhookResponseConfig: JSONValue?

  public init(
    id: String, type: String = "webhook", enabled: Bool = true, cronExpression: String? = nil,
    cronCursorJobID: String? = nil, webhookReply: String? = nil, customPath: String? = nil, comment: String? = nil,
    kafkaConfiguration: JSONValue? = nil, webhookResponseConfig: JSONValue? = nil
  ) {
    self.id = id
    self.type = type
    self.enabled = enabled
    self.cronExpression = cronExpression
    self.cronCursorJobID = cronCursorJobID
    self.webhookReply = webhookReply
    self.customPath = customPath
    self.comment = comment
    self.kafkaConfiguration = kafkaConfiguration
    self.webhookResponseConfig = webhookResponseConfig == .null ? nil : webhookResponseConfig
  }
}
