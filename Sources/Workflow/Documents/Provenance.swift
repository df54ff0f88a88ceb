/// What wrote something, and on whose behalf.
public struct Provenance: Hashable, Codable, Sendable {
  /// The ways in which a workflow is written.
  public enum Source: String, Hashable, Codable, Sendable {
    /// Somebody who has the document open edited it.
    case member
    /// A project file imported on the command line or by a provisioner.
    case importing = "import"
    /// A sync with a git repository.
    case git
    /// The HTTP interface.
    case api
    /// Anybody else who writes rows.
    case database
    /// Somebody saved the document.
    case save
    /// Somebody took the document back to the rows.
    case reset
    /// Somebody chose between the sides of conflicts.
    case resolve
    /// Somebody took back what an import had changed.
    case revert
    /// Somebody took the rows back to a saved version.
    case restore
    /// Somebody merged what clients of an earlier history had written.
    case recover
    /// Somebody sent a patch over HTTP.
    case patch
    /// Somebody merged a sandbox into the project that it is a copy of.
    case sandbox
  }

  public var source: Source
  public var actor: Actor
  /// The commit of a git sync.
  public var commit: String?

  public init(_ source: Source, actor: Actor = .system, commit: String? = nil) {
    self.source = source
    self.actor = actor
    self.commit = commit
  }

  /// Rows that somebody wrote who did not say so.
  public static let unknown = Provenance(.database, actor: Actor(type: "unknown"))
}
