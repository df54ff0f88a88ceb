/// Paths inside a tree of files.
public enum TreePath {
  /// How long a path may be, in bytes.
  public static let maximumLength = 1024
  /// How long a part of it may be, in bytes.
  public static let maximumPartLength = 255

  /// The path with its `.` and `..` resolved, seen from the folder `base`; nil where it is absolute, leads out of the
  /// tree, names no file, or is none that every file system could hold.
  public static func normalized(_ path: String, in base: String = "") -> String? {
    guard !path.isEmpty, !path.hasPrefix("/"), !path.hasSuffix("/"), path.utf8.count <= maximumLength,
      path.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") })
    else { return nil }
    var parts: [Substring] = []
    for part in (base.isEmpty ? path : "\(base)/\(path)").split(separator: "/") where part != "." {
      if part == ".." {
        guard parts.popLast() != nil else { return nil }
      } else {
        guard part.utf8.count <= maximumPartLength else { return nil }
        parts.append(part)
      }
    }
    let name = path.split(separator: "/").last
    return parts.isEmpty || name == "." || name == ".." ? nil : parts.joined(separator: "/")
  }

  /// The folder of a path, "" for the tree's top.
  public static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }
}
