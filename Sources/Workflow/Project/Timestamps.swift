/// When a row was made and last changed, in ISO 8601.
public struct Timestamps: Hashable, Sendable {
  public var insertedAt: String
  public var updatedAt: String

  public init(insertedAt: String, updatedAt: String) {
    self.insertedAt = insertedAt
    self.updatedAt = updatedAt
  }
}
