public import Workflow

/// A job as a file describes it. What a file leaves out has its default.
public struct JobSpecification: Hashable, Sendable {
  /// Unique among the jobs and triggers of its workflow that edges can lead from.
  public var key: String
  /// Lower-case uuid.
  public var id: String?
  public var name: String
  public var body: String
  public var adaptor: String
  /// The key of a credential, or its `owner|name`.
  public var credential: String?

  public init(
    key: String, id: String? = nil, name: String, body: String, adaptor: String = Job.defaultAdaptor,
    credential: String? = nil
  ) {
    self.key = key
    self.id = id
    self.name = name
    self.body = body
    self.adaptor = adaptor
    self.credential = credential
  }
}
