import Glibc

/// SQL files that are no part of the binary: what a later Heddle might bring, for tests of upgrades.
enum MigrationFolder {
  /// The files of a folder that are named as migrations are, by their numbers.
  static func read(_ path: String) throws(MigrationError) -> [Migration] {
    guard let folder = opendir(path) else { throw .unreadable(path: path) }
    defer { closedir(folder) }
    var migrations: [Migration] = []
    while let entry = readdir(folder) {
      let file = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
      guard file.hasSuffix(".sql") else { continue }
      let parts = file.dropLast(4).split(separator: "_", maxSplits: 1)
      guard parts.count == 2, let number = Int(parts[0]), let sql = contents(of: "\(path)/\(file)") else {
        throw .unreadable(path: "\(path)/\(file)")
      }
      migrations.append(Migration(number, String(parts[1]), sql))
    }
    return migrations.sorted { $0.number < $1.number }
  }

  private static func contents(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var (bytes, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 14))
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { return ferror(file) == 0 ? bytes : nil }
      bytes += chunk[..<count]
    }
  }
}
