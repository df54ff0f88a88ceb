#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A folder on disk as a tree of files. Nothing outside of it can be reached: no symbolic link is followed, and nothing
/// but regular files is opened for reading.
public struct LocalFolder: FileTree {
  /// The path of the folder.
  public let path: String
  /// How many bytes a file may have.
  public let limit: Int

  public init(_ path: String, limit: Int = FormatLimits().bytes) {
    self.path = path.isEmpty ? "." : path
    self.limit = limit
  }

  public func contents(of path: String) throws(FileTreeError) -> [UInt8] {
    guard let path = TreePath.normalized(path) else { throw .outside }
    let file = try open(TreePath.parts(of: path).map(String.init))
    defer { close(file) }
    return try contents(of: file)
  }

  /// Opens one part of the path after the other, each in the folder of the one before.
  private func open(_ parts: [String]) throws(FileTreeError) -> Int32 {
    var descriptor = Self.retried { openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw Self.failure(isFolder: true) }
    for (index, part) in parts.enumerated() {
      let isFolder = index < parts.count - 1
      // A pipe must not make the reader wait for somebody who writes to it.
      let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | (isFolder ? O_DIRECTORY : 0)
      let folder = descriptor
      descriptor = Self.retried { openat(folder, part, flags) }
      let code = errno
      close(folder)
      errno = code
      guard descriptor >= 0 else { throw Self.failure(isFolder: isFolder) }
    }
    return descriptor
  }

  private func contents(of file: Int32) throws(FileTreeError) -> [UInt8] {
    var status = stat()
    guard fstat(file, &status) == 0 else { throw Self.failure(isFolder: false) }
    if let what = Self.kind(status.st_mode) { throw .notAFile(what) }
    guard status.st_size <= limit else { throw .tooLarge(limit: limit) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(status.st_size))
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Self.retried { read(file, &chunk, chunk.count) }
      guard count >= 0 else { throw Self.failure(isFolder: false) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      // It may grow while it is read.
      guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
    }
  }

  /// What something is that is no regular file; nil for a regular file.
  private static func kind(_ mode: mode_t) -> String? {
    switch mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a folder"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    default: "no regular file"
    }
  }

  private static func failure(isFolder: Bool) -> FileTreeError {
    switch errno {
    case ENOENT: .missing
    // A symbolic link that is to be a folder is told as none.
    case ELOOP: .notAFile("a symbolic link")
    case ENOTDIR: isFolder ? .notAFile("a file or a symbolic link where a folder is expected") : .missing
    case ENXIO: .notAFile("a socket or a pipe")
    case let code: .unreadable(reason: String(cString: strerror(code)))
    }
  }

  private static func retried<Number: SignedInteger>(_ call: () -> Number) -> Number {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }
}
