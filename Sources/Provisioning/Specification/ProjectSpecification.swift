/// A project as its file describes it: parts are known by keys and names, and refer to each other by these.
///
/// All formats are read into this model and written out of projects through it. Ids appear only where a file gives one.
/// Where each part stands in its file is beside the model (`ProjectFile`), so that two files that say the same are equal.
public struct ProjectSpecification: Hashable, Sendable {
  /// Lower-case uuid.
  public var id: String?
  public var name: String
  public var description: String?
  public var collections: [CollectionSpecification]
  public var credentials: [CredentialSpecification]
  public var workflows: [WorkflowSpecification]

  public init(
    id: String? = nil, name: String, description: String? = nil, collections: [CollectionSpecification] = [],
    credentials: [CredentialSpecification] = [], workflows: [WorkflowSpecification] = []
  ) {
    self.id = id
    self.name = name
    self.description = description
    self.collections = collections
    self.credentials = credentials
    self.workflows = workflows
  }
}

/// A collection that a project file lists.
public struct CollectionSpecification: Hashable, Sendable {
  public var key: String
  public var name: String

  public init(key: String, name: String) {
    self.key = key
    self.name = name
  }
}

/// A credential that a project file lists; never the secret itself.
public struct CredentialSpecification: Hashable, Sendable {
  /// What jobs call it.
  public var key: String
  public var name: String
  /// The e-mail address of its owner.
  public var owner: String

  public init(key: String, name: String, owner: String) {
    self.key = key
    self.name = name
    self.owner = owner
  }

  /// `owner|name`, which is what jobs may always call it.
  public var reference: String { "\(owner)|\(name)" }
}
