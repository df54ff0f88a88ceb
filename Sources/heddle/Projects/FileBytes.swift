import Glibc
import Provisioning

/// Bytes of what is not a file inside a folder.
enum FileBytes {
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// What a folder has in it; nothing where it cannot be read.
  static func names(in folder: String) -> [String] {
    guard let entries = opendir(folder) else { return [] }
    defer { closedir(entries) }
    var names: [String] = []
    while let entry = readdir(entries) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
        })
    }
    return names
  }

  /// A whole file, or standard input for "-".
  static func contents(of path: String) throws -> [UInt8] {
    guard path != "-" else { return try standardInput() }
    guard let file = fopen(path, "r") else {
      throw ProjectFileError(description: "\(path): \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    guard ferror(file) == 0 else { throw ProjectFileError(description: "\(path) cannot be read") }
    return bytes
  }

  /// All of it, up to so many bytes.
  static func standardInput(limit: Int = FormatLimits().bytes) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limit {
      let count = read(STDIN_FILENO, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw ProjectFileError(description: "standard input: \(String(cString: strerror(errno)))")
      }
      bytes += chunk[..<count]
    }
    throw ProjectFileError(description: "standard input has more than \(limit) bytes")
  }
}
