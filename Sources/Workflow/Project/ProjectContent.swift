/// A project with everything in it that an import may change.
public struct ProjectContent: Hashable, Sendable {
  /// Lower-case uuid.
  public var id: String
  public var name: String
  public var description: String?
  /// Soft-deleted ones included, because their names and ids are taken.
  public var workflows: [WorkflowRows]
  public var credentials: [ProjectCredential]
  public var collections: [ProjectCollection]
  /// Like credentials they are attached and never removed, and project files do not speak of them.
  public var keychains: [ProjectKeychain]
  /// When the project and its workflows were made and changed, by id. For showing only: an import does not change it.
  public var timestamps: [String: Timestamps]
  /// What contents its workflows had, by the workflow's id and oldest first: `app:` or `cli:` for who wrote them, and the hash.
  /// For showing only.
  public var versionHistories: [String: [String]]
  /// The project that it is a sandbox of, if any. For showing only.
  public var parentID: String?

  public init(
    id: String, name: String, description: String? = nil, workflows: [WorkflowRows] = [],
    credentials: [ProjectCredential] = [], collections: [ProjectCollection] = [],
    timestamps: [String: Timestamps] = [:], versionHistories: [String: [String]] = [:], parentID: String? = nil,
    keychains: [ProjectKeychain] = []
  ) {
    self.id = id
    self.name = name
    self.description = description
    self.workflows = workflows
    self.credentials = credentials
    self.collections = collections
    self.timestamps = timestamps
    self.versionHistories = versionHistories
    self.parentID = parentID
    self.keychains = keychains
  }
}

/// A credential attached to a project. The secret itself is never here.
public struct ProjectCredential: Hashable, Sendable {
  public var id: String
  public var name: String
  /// The e-mail address of its owner.
  public var owner: String

  public init(id: String, name: String, owner: String) {
    self.id = id
    self.name = name
    self.owner = owner
  }
}

/// A keychain that chooses credentials for a project. What it chooses from is not here.
public struct ProjectKeychain: Hashable, Sendable {
  public var id: String
  public var name: String

  public init(id: String, name: String) {
    self.id = id
    self.name = name
  }
}

/// A named collection of a project.
public struct ProjectCollection: Hashable, Sendable {
  public var id: String
  public var name: String

  public init(id: String, name: String) {
    self.id = id
    self.name = name
  }
}
