import Glibc

/// A download by curl, which knows TLS, certificates and proxies. Blocks.
struct Download {
  /// Why there is nothing.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let url: String
  /// Where it goes; standard output without it.
  let output: String?
  /// Shown to the server, where it wants one.
  let token: String?

  private static let timeout = 120

  func run() throws(Failure) {
    // Not as an argument: everybody on the machine sees those.
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Self.failure("no pipe", errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let headers = Array((token.map { "Authorization: Bearer \($0)\n" } ?? "").utf8.prefix(Int(PIPE_BUF)))
    let written = write(ends[1], headers, headers.count)
    close(ends[1])
    guard written == headers.count else {
      close(ends[0])
      throw Self.failure("the token cannot be passed on", errno)
    }
    let process = try spawn(input: ends[0])
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    guard status == 0 else { throw Failure(description: "\(url): nothing was taken out (see above)") }
  }

  private func spawn(input: Int32) throws(Failure) -> pid_t {
    defer { close(input) }
    var arguments = [
      "curl", "--silent", "--show-error", "--fail-with-body", "--max-time", "\(Self.timeout)", "--header", "@-",
    ]
    if let output { arguments += ["--output", output] }
    arguments += ["--", url]
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    let argv = arguments.map { strdup($0) } + [nil]
    defer { for argument in argv { free(argument) } }
    var process: pid_t = 0
    let error = posix_spawnp(&process, arguments[0], &actions, nil, argv, environ)
    guard error == 0 else { throw Self.failure("curl cannot be started", error) }
    return process
  }

  private static func failure(_ what: String, _ code: Int32) -> Failure {
    Failure(description: "\(what): \(String(cString: strerror(code)))")
  }
}
