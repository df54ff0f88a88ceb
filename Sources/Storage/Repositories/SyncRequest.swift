public import Workflow

/// Which way a sync goes.
public enum SyncDirection: String, Hashable, Sendable {
  /// From the repository into the project.
  case pull
  /// From the project into the repository.
  case push
}

/// Somebody, or something, wants a sync.
public struct SyncRequest: Hashable, Sendable {
  /// What made for it.
  public enum Cause: String, Hashable, Sendable {
    /// The repository said that there is news.
    case hook
    /// It was time to look.
    case poll
    /// Somebody asked over HTTP.
    case request
    /// Somebody saved and wants it in the repository.
    case save
    /// Somebody used the command line.
    case command
  }

  public var direction: SyncDirection
  public var cause: Cause
  public var actor: Actor
  /// What the commit says, where one is made.
  public var message: String?

  public init(_ direction: SyncDirection, cause: Cause, actor: Actor, message: String? = nil) {
    self.direction = direction
    self.cause = cause
    self.actor = actor
    self.message = message
  }
}

/// The right to sync a connection, which one process has at a time.
public struct RepositoryLease: Hashable, Sendable {
  public var projectID: String
  public var connectionID: String
  /// Names whoever holds it; a new one each time.
  public var owner: String

  init(projectID: String, connectionID: String, owner: String) {
    self.projectID = projectID
    self.connectionID = connectionID
    self.owner = owner
  }

  /// What nobody holds: with it nothing can be written.
  public init(unheldFor connection: RepositoryConnection) {
    self.init(projectID: connection.projectID, connectionID: connection.id, owner: "")
  }
}

/// A connection that is to be synced now, by whoever got this.
public struct RepositoryClaim: Hashable, Sendable {
  public var lease: RepositoryLease
  public var connection: RepositoryConnection
  /// What is wanted; nil where it was only time to look.
  public var request: SyncRequest?

  public init(lease: RepositoryLease, connection: RepositoryConnection, request: SyncRequest? = nil) {
    self.lease = lease
    self.connection = connection
    self.request = request
  }
}

/// Why something about the sync of a repository was not done. Nothing of it was done.
public enum RepositoryError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Somebody else syncs the connection, or it is gone.
  case leaseLost
  /// The project that the repository is connected to is gone.
  case projectGone

  public var description: String {
    switch self {
    case .leaseLost: "another server syncs this connection, or it was removed"
    case .projectGone: "the project of this connection is gone"
    }
  }
}
