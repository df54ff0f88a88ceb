public import Workflow

/// Where a backup goes.
public protocol BackupSink {
  /// A table begins.
  mutating func begin(_ table: String) throws
  /// More of it.
  mutating func write(_ bytes: UnsafeRawBufferPointer) throws
  /// It is over. Returns how many bytes it had, and their SHA-256 in hexadecimal digits.
  mutating func end() throws -> (bytes: Int, digest: String)
  /// A project for people. Returns why it cannot be written as one.
  mutating func add(_ project: ProjectContent) throws -> String?
}

/// Where a backup comes from.
public protocol BackupSource {
  /// A table is wanted.
  mutating func begin(_ table: BackupManifest.Table) throws
  /// More of it; nil behind its last byte. Throws where it is not what was written.
  mutating func next() throws -> [UInt8]?
}
