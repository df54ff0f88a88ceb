/// What can be done with Heddle, as far as permissions tell things apart.
public enum Verb: String, Hashable, Sendable, CaseIterable {
  /// See documents, their records, and who is there.
  case read
  /// Write in the live document, or begin that of a new workflow.
  case edit
  case save
  case reset
  /// Choose in conflicts, merge a branch or let it go, take back what an import changed.
  case decide
  /// Give a document a new history.
  case renew
  case importing = "import"
  case plan
  case export
  /// Say that something else has written workflows.
  case notify
  /// Copy a project as a sandbox.
  case sandbox
  /// Merge a sandbox into the project that it is a copy of: asked about both.
  case merge
  /// Import a project that does not exist yet.
  case createProject = "create_project"
  /// Look at how the server is.
  case operate
  /// Get a token for opening connections.
  case connect
  /// Connect the project to a git repository, or end that.
  case connectRepository = "connect_repository"
  /// Have the project and its git repository brought together.
  case sync
}
