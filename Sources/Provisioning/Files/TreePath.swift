/// Paths inside a tree of files.
public enum TreePath {
  /// How long a path may be, in bytes.
  public static let maximumLength = 1024
  /// How long a part of it may be, in bytes.
  public static let maximumPartLength = 255

  /// The path with its `.` and `..` resolved, seen from the folder `base`; nil where it is absolute, leads out of the
  /// tree, names no file, or is none that every file system could hold.
  public static func normalized(_ path: String, in base: String = "") -> String? {
    guard let first = path.utf8.first, first != slash, path.utf8.last != slash, path.utf8.count <= maximumLength,
      path.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") })
    else { return nil }
    var parts: [Substring] = []
    for part in self.parts(of: base.isEmpty ? path : "\(base)/\(path)") where part != "." {
      if part == ".." {
        guard parts.popLast() != nil else { return nil }
      } else {
        guard part.utf8.count <= maximumPartLength else { return nil }
        parts.append(part)
      }
    }
    let name = self.parts(of: path).last
    return parts.isEmpty || name == "." || name == ".." ? nil : parts.joined(separator: "/")
  }

  /// The folder of a path, "" for the tree's top.
  public static func folder(of path: String) -> String {
    path.utf8.lastIndex(of: slash).map { String(path[..<$0]) } ?? ""
  }

  private static let slash = UInt8(ascii: "/")

  /// What is between slashes, without what is empty. By bytes, as file systems go: among characters a slash can hide, since
  /// what stands beside it may make one character with it.
  static func parts(of path: some StringProtocol) -> [Substring] {
    Array(path.utf8).split(separator: slash).map { Substring(decoding: $0, as: UTF8.self) }
  }
}
