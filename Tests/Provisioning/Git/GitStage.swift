import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Provisioning

/// What blocks, on a thread of its own.
final class InBackground: Sendable {
  private let result = Mutex<(any Error)?>(nil)
  private let done = DispatchSemaphore(value: 0)

  init(_ body: @escaping @Sendable () throws -> Void) {
    Thread.detachNewThread { [self] in
      do { try body() } catch { result.withLock { $0 = error } }
      done.signal()
    }
  }

  /// Waits for its end, and returns what it threw.
  func error() -> GitError? {
    guard done.wait(timeout: .now() + 30) == .success else { return GitError(.failed, "it did not end in time") }
    return result.withLock { $0.map { $0 as? GitError ?? GitError(.failed, "\($0)") } }
  }
}

/// A remote behind something that looks like ssh, and that passes on some bytes and then nothing more. It does not end when
/// it is asked to.
final class StalledRemote: Sendable {
  let environment: [String: String]
  private let news: Int32

  init(_ site: GitSite, _ program: String, afterBytes bytes: Int) throws {
    let fifo = "\(site.folder)/stalled"
    try #require(mkfifo(fifo, 0o600) == 0)
    news = open(fifo, O_RDWR | O_CLOEXEC)
    // Tells the group of processes that it is in.
    let stall = "cut -d' ' -f5 /proc/$$/stat >\(fifo); sleep 1000"
    let pass = bytes == 0 ? "true" : "dd bs=4096 iflag=count_bytes count=\(bytes) status=none"
    let pipeline =
      program == "upload-pack"
      ? "git upload-pack \(site.remote) | { \(pass); \(stall); }"
      : "{ \(pass); \(stall); } | git receive-pack \(site.remote)"
    environment = [
      "GIT_SSH_COMMAND": try site.script("ssh-\(program)", "trap '' TERM\n\(pipeline)"), "GIT_SSH_VARIANT": "simple",
    ]
  }

  deinit {
    close(news)
  }

  /// Waits until nothing more is passed on, and returns the group of processes.
  func waitUntilStalled() throws -> pid_t {
    var poller = pollfd(fd: news, events: Int16(POLLIN), revents: 0)
    try #require(poll(&poller, 1, 20_000) == 1, "git did not get that far")
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = read(news, &bytes, bytes.count)
    return try #require(pid_t(String(decoding: bytes.prefix(count), as: UTF8.self).trimmingCharacters(in: .newlines)))
  }
}

/// Waits until all processes of the group have ended.
func waitForEnd(ofGroup group: pid_t) throws {
  try until("all processes of the group \(group) have ended", limit: .seconds(10)) { !isRunning(group: group) }
}

/// Whether a process of the group is alive.
private func isRunning(group: pid_t) -> Bool {
  names(inFolder: "/proc").contains { number in
    guard pid_t(number) != nil, let status = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8) else {
      return false
    }
    // Behind the name: the state, the parent, the group.
    let words = status[(status.lastIndex(of: ")") ?? status.startIndex)...].split(separator: " ")
    return words.count > 3 && pid_t(words[3]) == group && words[1] != "Z"
  }
}

/// A file system with little room.
final class SmallDisk {
  let path: String

  static let isPossible: Bool = {
    guard geteuid() == 0, let site = try? GitSite(), let disk = try? SmallDisk(site, bytes: 1 << 20) else {
      return false
    }
    return !disk.path.isEmpty
  }()

  private let site: GitSite

  init(_ site: GitSite, bytes: Int) throws {
    self.site = site
    path = "\(site.folder)/small"
    try site.run("mkdir", [path], in: site.folder)
    try site.run("mount", ["-t", "tmpfs", "-o", "size=\(bytes)", "none", path], in: site.folder)
  }

  func resize(bytes: Int) throws {
    try site.run("mount", ["-o", "remount,size=\(bytes)", path], in: site.folder)
  }

  deinit {
    _ = try? site.run("umount", ["-l", path], in: "/")
  }
}
