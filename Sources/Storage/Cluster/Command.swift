import Glibc

/// A program to be run as a child process: in a process group of its own, so that Ctrl-C does not reach it, with
/// signals as a fresh process has them, and with little environment.
struct Command {
  let arguments: [String]

  init(_ arguments: [String]) {
    self.arguments = arguments
  }

  private static let environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"]

  /// Descriptors below this are closed in it; higher ones nobody has who does not hide them by himself.
  private static let closedFiles: Int32 = 16_384

  /// Starts it, with what it says going to the descriptor. Returns the process id.
  func spawn(output: Int32) throws(ClusterError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, output, 2)
    // What else is open here, by whomever, is none of its business; Postgres counts it against its own.
    for file in 3..<max(3, min(getdtablesize(), Self.closedFiles)) where file != output {
      posix_spawn_file_actions_addclose(&actions, file)
    }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

    var pid: pid_t = 0
    let argv = arguments.map { strdup($0) } + [nil]
    let envp = Self.environment.map { strdup($0) } + [nil]
    defer { for string in argv + envp { free(string) } }
    let error = posix_spawnp(&pid, arguments[0], &actions, &attributes, argv, envp)
    guard error == 0 else {
      throw .failed(program: arguments[0], output: String(cString: strerror(error)))
    }
    return pid
  }

  /// Runs it to its end and returns what it said. Throws that where it fails.
  @discardableResult
  func output() throws(ClusterError) -> String {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else {
      throw .failed(program: arguments[0], output: String(cString: strerror(errno)))
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    let pid: pid_t
    do {
      defer { close(ends[1]) }
      pid = try spawn(output: ends[1])
    }
    var said: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(ends[0], &buffer, buffer.count)
      if count > 0 { said += buffer[..<count] } else if count == 0 || errno != EINTR { break }
    }
    let text = String(decoding: said, as: UTF8.self)
    guard Self.wait(for: pid) == 0 else { throw .failed(program: arguments[0], output: text) }
    return text
  }

  /// Waits for the process to end and returns its status as waitpid gives it.
  static func wait(for pid: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status
  }
}
