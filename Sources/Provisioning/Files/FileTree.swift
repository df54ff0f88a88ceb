/// The files beside a project file, by their paths relative to the tree's root.
public protocol FileTree: Sendable {
  /// The bytes of the regular file at `path`, or why there are none.
  func contents(of path: String) throws(FileTreeError) -> [UInt8]
}

/// Why a file of a tree can't be read.
public enum FileTreeError: Error, Equatable, Sendable {
  /// There is nothing at the path.
  case missing
  /// What is at the path is no regular file: `a symbolic link`, `a folder`, ….
  case notAFile(String)
  /// The path leads out of the tree.
  case outside
  /// The file has more bytes than one may have.
  case tooLarge(limit: Int)
  /// Reading failed.
  case unreadable(reason: String)
}
