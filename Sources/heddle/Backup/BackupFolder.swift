import Glibc
import Provisioning
import Storage
import Workflow

/// A backup as a folder: `manifest.json`, the tables below `tables`, and each project below `projects` as a file that can be
/// imported by itself. The manifest comes last: without one a backup is none.
struct BackupFolder: BackupSink {
  let path: String
  private var file: Int32 = -1
  private var digest = RunningDigest()
  private var buffer: [UInt8] = []
  private var table = ""
  private(set) var bytes = 0

  private static let bufferBytes = 1 << 18
  static let manifestName = "manifest.json"

  static func tablePath(_ table: String) -> String { "tables/\(table).copy" }

  /// A folder that is new or empty. What is in a backup is for its owner's eyes only.
  init(creating path: String) throws {
    self.path = path
    for folder in [path, "\(path)/tables", "\(path)/projects"] {
      guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw Self.failure(folder) }
      if folder == path { try Self.checkEmpty(path) }
    }
  }

  private static func checkEmpty(_ path: String) throws {
    guard let folder = opendir(path) else { throw failure(path) }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
      guard name == "." || name == ".." else {
        throw ProjectFileError(description: "\(path) is not empty: a backup goes into a folder of its own")
      }
    }
  }

  static func failure(_ path: String) -> ProjectFileError {
    ProjectFileError(description: "\(path): \(String(cString: strerror(errno)))")
  }

  // MARK: Tables

  mutating func begin(_ table: String) throws {
    let target = "\(path)/\(Self.tablePath(table))"
    file = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw Self.failure(target) }
    (digest, bytes, self.table) = (RunningDigest(), 0, table)
    buffer.reserveCapacity(Self.bufferBytes)
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.bufferBytes { try flush() }
  }

  mutating func end() throws -> (bytes: Int, digest: String) {
    try flush()
    let isStored = fsync(file) == 0
    close(file)
    guard isStored else { throw Self.failure(table) }
    return (bytes, digest.hexadecimal)
  }

  private mutating func flush() throws {
    digest.add(buffer)
    var written = 0
    while written < buffer.count {
      let count = buffer[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure("\(path)/\(Self.tablePath(table))") }
      written += count
    }
    bytes += buffer.count
    Progress.show("\(table), \(bytes >> 20) MiB")
    buffer.removeAll(keepingCapacity: true)
  }

  // MARK: The rest

  mutating func add(_ project: ProjectContent) throws -> String? {
    Progress.show("project '\(project.name)'")
    let text: String
    do { text = try ProjectExport(project).text(as: .json) } catch { return "\(error)" }
    try OutputFolder.replace("\(path)/projects/\(project.id).json", with: Array(text.utf8))
    return nil
  }

  /// Makes it a backup.
  func finish(_ manifest: BackupManifest) throws {
    try OutputFolder.replace("\(path)/\(Self.manifestName)", with: Array((manifest.json.text + "\n").utf8))
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw Self.failure(path) }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw Self.failure(path) }
  }
}
