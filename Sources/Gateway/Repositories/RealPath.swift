import Glibc

/// Paths of folders on this machine.
enum RealPath {
  /// The absolute path that leads to the same without links; nil where there is nothing.
  static func of(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  /// Makes a folder and those above it, for us alone. What goes wrong shows when it is used.
  static func makeFolders(_ path: String) {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      made += "/\(part)"
      mkdir(made, 0o700)
    }
  }
}
