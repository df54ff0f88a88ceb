import Gateway
import Glibc
import Logging

/// Whoever started the server and wants to know how it goes, as sd_notify(3) describes it: systemd, or what speaks like it.
/// Without one, nothing is told.
struct ServiceManager: Sendable {
  enum News: String {
    case ready = "READY=1"
    case alive = "WATCHDOG=1"
    case stopping = "STOPPING=1"
  }

  /// Where it listens: a path, or behind "@" a name that is in no folder.
  private let address: String?

  /// Takes the address out of the environment: what this process starts would send news of its own.
  init() {
    address = getenv("NOTIFY_SOCKET").map { String(cString: $0) }
    unsetenv("NOTIFY_SOCKET")
  }

  func tell(_ news: News) {
    guard let address, var target = sockaddr_un(address) else { return }
    let sender = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard sender >= 0 else { return }
    defer { close(sender) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + address.utf8.count)
    withUnsafePointer(to: &target) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
        _ = sendto(sender, news.rawValue, news.rawValue.utf8.count, Int32(MSG_DONTWAIT), target, length)
      }
    }
  }

  /// Tells of each second that the server's event loop turns, and ends the process when it does not: whoever started it starts
  /// it again, and clients find another server meanwhile.
  func watch(_ server: Server, timeout: Duration, _ logger: Logger) -> Watchdog {
    server.watch(timeout: timeout, alive: { tell(.alive) }) {
      // Where not even the log takes a line, the alarm ends it.
      alarm(5)
      logger.critical(
        "the event loop stands still, so the server ends itself", metadata: ["watchdog-timeout": "\(timeout)"])
      abort()
    }
  }
}

extension sockaddr_un {
  fileprivate init?(_ address: String) {
    self.init()
    sun_family = sa_family_t(AF_UNIX)
    let capacity = MemoryLayout.size(ofValue: sun_path)
    guard address.hasPrefix("/") || address.hasPrefix("@"), address.utf8.count < capacity else { return nil }
    withUnsafeMutableBytes(of: &sun_path) { path in
      path.copyBytes(from: address.utf8)
      if address.hasPrefix("@") { path[0] = 0 }
    }
  }
}
