import Foundation

/// Debian's Redis on a unix socket of its own, with a password.
public final class RedisServer: Sendable {
  public static let password = "se/cret @1"

  public let directory: String
  private let process: LineProcess

  /// Where servers reach it, as `--bus-url` takes it.
  public var url: String { "unix://:se%2Fcret%20%401@\(socket)" }
  public var socket: String { "\(directory)/redis.sock" }

  /// Starts it, over the socket of one that has ended where that is given.
  public init(directory: String = TestPostgres.makeDirectory()) throws {
    self.directory = directory
    try? FileManager.default.removeItem(atPath: "\(directory)/redis.sock")
    process = try LineProcess(
      "/usr/bin/env",
      [
        "redis-server", "--port", "0", "--unixsocket", "\(directory)/redis.sock", "--save", "", "--appendonly", "no",
        "--requirepass", Self.password, "--dir", directory,
      ])
  }

  deinit { kill() }

  public func kill() { process.signal(SIGKILL) }
}
