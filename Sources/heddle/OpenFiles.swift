import Glibc
import Logging

/// The number of files, and so of connections, that the process may have open.
enum OpenFiles {
  /// What is open besides clients' connections: the database's, the logs, event loops.
  private static let reserve = 256

  /// Raises the soft limit as far as `connections` need and the hard limit allows. Where that is not enough it says so,
  /// since clients would be turned away without it.
  static func allow(connections: Int, logger: Logger) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    let needed = rlim_t(connections + reserve)
    guard limit.rlim_cur < needed else { return }
    limit.rlim_cur = min(needed, limit.rlim_max)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    guard limit.rlim_cur < needed else { return }
    logger.warning(
      "the limit of open files allows fewer connections than --maximum-connections: raise the hard limit (ulimit -Hn)",
      metadata: ["limit": "\(limit.rlim_cur)", "needed": "\(needed)"])
  }
}
