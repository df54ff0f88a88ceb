import Glibc

/// How much room a file system has.
public struct DiskSpace: Sendable {
  /// Bytes that may be written, and bytes in all.
  public let free, total: UInt64

  /// Of the file system that a path is on; nil where there is no such path.
  public init?(of path: String) {
    var space = statvfs()
    guard statvfs(path, &space) == 0 else { return nil }
    free = UInt64(space.f_bavail) * UInt64(space.f_frsize)
    total = UInt64(space.f_blocks) * UInt64(space.f_frsize)
  }

  init(free: UInt64, total: UInt64) {
    (self.free, self.total) = (free, total)
  }

  private static let mebibyte: UInt64 = 1 << 20
  /// With less nothing is left for what comes in an hour or two.
  private static let least = 256 * mebibyte
  private static let little = 1024 * mebibyte

  /// What there is to say of it where the data is.
  public func finding(below path: String) -> Finding {
    let text = "\(free / Self.mebibyte) of \(total / Self.mebibyte) MiB are free below \(path)"
    guard free < Self.little || free < total / 20 else { return Finding(Finding.disk, .ok, text) }
    return Finding(
      Finding.disk, free < Self.least ? .failure : .warning, text,
      advice: "make room ('heddle compact' gives Postgres some to use again) or move the data: on a full disk nothing "
        + "is acknowledged any more")
  }
}
