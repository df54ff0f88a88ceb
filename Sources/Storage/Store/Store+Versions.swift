public import Workflow

extension Store {
  /// A project with everything in it, as `readProject` has it; before that it is noted what its workflows hold of which nothing
  /// was noted yet.
  public func exportProject(_ id: String, _ completion: @escaping Completion<ProjectContent?>) {
    read(completion) { connection in
      if try VersionHistory.isMissing(inProject: id, connection) {
        try VersionHistory.recordMissing(ofProject: id, connection)
      }
      return try ProjectReader.read(id, connection)
    }
  }
}
