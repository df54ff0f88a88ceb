import Glibc

/// Writes files so that each is there whole or as it was before.
struct OutputFolder {
  /// The folder below which all is written; it is made where it is not there.
  let path: String

  /// Writes a file, making the folders that it lies in. What is there under its name is replaced, unless it has the same bytes.
  /// Returns whether anything was written.
  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> Bool {
    let target = "\(path)/\(name)"
    let parts = target.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    for end in parts.indices where !parts[end].isEmpty {
      let folder = parts[...end].joined(separator: "/")
      guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw Self.failure(folder) }
    }
    if try Self.has(bytes, target) { return false }
    try Self.replace(target, with: bytes)
    return true
  }

  /// Writes one file beside itself and then in its place, on the disk before it counts.
  static func replace(_ target: String, with bytes: [UInt8]) throws {
    let temporary = "\(target).heddle-\(getpid())"
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard file >= 0 else { throw failure(temporary) }
    defer { unlink(temporary) }
    do {
      defer { close(file) }
      var written = 0
      while written < bytes.count {
        let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw failure(target) }
        written += count
      }
      guard fsync(file) == 0 else { throw failure(target) }
    }
    guard rename(temporary, target) == 0 else { throw failure(target) }
  }

  private static func has(_ bytes: [UInt8], _ path: String) throws -> Bool {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { return false }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size == bytes.count else {
      return false
    }
    var (found, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
    while found.count <= bytes.count {
      let count = read(file, &chunk, chunk.count)
      if count <= 0 { break }
      found += chunk[..<count]
    }
    return found == bytes
  }

  private static func failure(_ path: String) -> ProjectFileError {
    ProjectFileError(description: "\(path): \(String(cString: strerror(errno)))")
  }
}
