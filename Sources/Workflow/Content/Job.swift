/// One step of a workflow: code that runs with an adaptor and, perhaps, a credential.
public struct Job: Hashable, Codable, Sendable {
  /// Lower-case uuid, unique among all jobs.
  public var id: String
  public var name: String
  /// The code. In a document it is shared text.
  public var body: String
  public var adaptor: String?
  /// At most one of the two credentials is set in a valid workflow.
  public var projectCredentialID: String?
  public var keychainCredentialID: String?

  public init(
    id: String, name: String = "", body: String = "", adaptor: String? = Job.defaultAdaptor,
    projectCredentialID: String? = nil, keychainCredentialID: String? = nil
  ) {
    self.id = id
    self.name = name
    self.body = body
    self.adaptor = adaptor
    self.projectCredentialID = projectCredentialID
    self.keychainCredentialID = keychainCredentialID
  }

  /// What a job without an adaptor of its own gets.
  public static let defaultAdaptor = "@openfn/language-common@latest"
}
