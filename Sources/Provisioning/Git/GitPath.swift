/// Paths of files in a repository.
enum GitPath {
  /// The components of a relative path, without `.`; nil where it leads out of the tree, or into git's own folder.
  static func components(of path: String) -> [Substring]? {
    guard !path.isEmpty, !path.utf8.contains(0) else { return nil }
    // By bytes, as git goes: a slash can be part of a character.
    let components = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { Substring($0) }.filter { $0 != "." }
    guard !components.isEmpty, components.allSatisfy({ !$0.isEmpty && $0 != ".." && !isGits($0) }) else { return nil }
    return components
  }

  /// Whether some file system takes the name for `.git`.
  private static func isGits(_ name: Substring) -> Bool {
    // What HFS+ ignores in names stands for itself here; the rest is how NTFS sees them.
    let visible = name.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint }
    let lower = String(String.UnicodeScalarView(visible)).lowercased()
    let base = lower.prefix { $0 != ":" }.reversed().drop { $0 == " " || $0 == "." }.reversed()
    return [".git", "git~1"].contains(String(base))
  }
}
