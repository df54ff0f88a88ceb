/// The files among which a project file lies: a folder, or a commit of a repository.
public protocol FileTree: Sendable {
  /// The bytes of the file at a path relative to the tree's top, with `/` between its parts.
  ///
  /// Paths come from project files that others wrote. They are in the form of `TreePath`, but what is at the path may be
  /// anything: only regular files inside the tree may be read.
  func contents(of path: String) throws(FileTreeError) -> [UInt8]
}
