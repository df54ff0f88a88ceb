/// Why a file beside a project file cannot be had.
public enum FileTreeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is nothing at that path.
  case missing
  /// What is there is no regular file, but for example "a folder".
  case notAFile(String)
  /// The path leads out of the tree, or is none.
  case outside
  /// The file has more bytes than `limit`.
  case tooLarge(limit: Int)
  case unreadable(reason: String)

  public var description: String {
    switch self {
    case .missing: "there is no such file"
    case .notAFile(let what): "this is \(what), and only regular files are read"
    case .outside: "the path has to be relative and must not lead out of the project's folder"
    case .tooLarge(let limit): "the file is larger than \(limit) bytes"
    case .unreadable(let reason): "the file cannot be read: \(reason)"
    }
  }
}
