/// The files of a commit, read without a checkout.
public struct GitTree: FileTree {
  /// The commit that it is of.
  public let commit: GitObjectID

  /// The paths of all regular files, sorted. A path that is no UTF-8 is not among them.
  public var paths: [String] { [] }

  public func contents(of path: String) throws(FileTreeError) -> [UInt8] {
    throw .missing
  }
}
