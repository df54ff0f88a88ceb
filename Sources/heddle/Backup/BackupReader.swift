import Glibc
import Storage
import Workflow

/// Reads a backup's folder, and sees whether it is what was written.
struct BackupReader: BackupSource {
  let path: String
  let manifest: BackupManifest
  private var file: Int32 = -1
  private var table: BackupManifest.Table?
  private var digest = RunningDigest()
  private var bytes = 0

  private static let chunkBytes = 1 << 18
  /// More than any manifest has: some hundred bytes for each project.
  private static let manifestBytes = 256 << 20

  init(path: String) throws {
    self.path = path
    let file = "\(path)/\(BackupFolder.manifestName)"
    guard access(path, X_OK) == 0 else { throw BackupFolder.failure(path) }
    guard access(file, F_OK) == 0 else {
      throw ProjectFileError(
        description: "\(path) has no \(BackupFolder.manifestName): it is no backup, or one that was not finished")
    }
    guard let manifest = BackupManifest(json: try Self.json(of: file)) else {
      throw ProjectFileError(description: "\(file) is no manifest of a backup that this Heddle can read")
    }
    self.manifest = manifest
  }

  private static func json(of path: String) throws -> JSONValue {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw BackupFolder.failure(path) }
    defer { close(file) }
    var text: [UInt8] = []
    while let bytes = try chunk(of: file, path) {
      text += bytes
      guard text.count <= manifestBytes else { throw ProjectFileError(description: "\(path) is too large") }
    }
    guard let json = try? JSONValue(parsing: text) else { throw ProjectFileError(description: "\(path) is no JSON") }
    return json
  }

  private static func chunk(of file: Int32, _ path: String) throws -> [UInt8]? {
    var chunk = [UInt8](repeating: 0, count: chunkBytes)
    while true {
      let count = read(file, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw BackupFolder.failure(path) }
      return count == 0 ? nil : Array(chunk[..<count])
    }
  }

  mutating func begin(_ table: BackupManifest.Table) throws {
    let name = "\(path)/\(BackupFolder.tablePath(table.name))"
    file = open(name, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw BackupFolder.failure(name) }
    (self.table, digest, bytes) = (table, RunningDigest(), 0)
  }

  mutating func next() throws -> [UInt8]? {
    guard let table else { return nil }
    let name = BackupFolder.tablePath(table.name)
    if let chunk = try Self.chunk(of: file, name) {
      digest.add(chunk)
      bytes += chunk.count
      Progress.show("\(table.name), \(bytes >> 20) of \(table.bytes >> 20) MiB")
      return chunk
    }
    close(file)
    guard bytes == table.bytes, digest.hexadecimal == table.digest else {
      throw ProjectFileError(description: "\(path)/\(name) is not what was written: its length or its checksum differs")
    }
    return nil
  }
}
