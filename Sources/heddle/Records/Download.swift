import Glibc

/// A download by curl, which knows TLS, certificates and proxies. Blocks.
///
/// What comes is collected in a file of its own and goes where it is wanted once all of it is there: of a download that fails
/// nothing stays.
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
  /// How long it may take.
  let limit: Duration

  func run() throws(Failure) {
    let (collected, file) = try makeFile()
    defer {
      close(file)
      unlink(collected)
    }
    guard try fetch(into: collected) == 0 else {
      throw Failure(description: "\(url): nothing was taken out (see above)\(Self.answer(file))")
    }
    guard let output else { return try copy(file, to: STDOUT_FILENO, "standard output") }
    guard isReplaceable else {
      // A link may lead to a longer file.
      let target = open(output, O_WRONLY | O_TRUNC | O_CLOEXEC)
      guard target >= 0 else { throw Self.failure("\(output) cannot be written", errno) }
      defer { close(target) }
      return try copy(file, to: target, output)
    }
    // Others may read it as they may what the user writes in any other way.
    let mask = umask(0)
    umask(mask)
    guard fchmod(file, 0o666 & ~mask) == 0, fsync(file) == 0, rename(collected, output) == 0 else {
      throw Self.failure("\(output) cannot be written", errno)
    }
  }

  // MARK: Files

  /// Whether what is wanted is a file that can take the place of another one: not a device or a pipe.
  private var isReplaceable: Bool {
    guard let output else { return false }
    var status = stat()
    return lstat(output, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
  }

  /// An empty file, beside the one that is wanted, so that it can be renamed.
  private func makeFile() throws(Failure) -> (path: String, file: Int32) {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let beginning = isReplaceable ? output ?? "" : "\(folder)/heddle-record"
    var name = Array("\(beginning).XXXXXX".utf8CString)
    let file = mkstemp(&name)
    guard file >= 0 else { throw Self.failure("\(output ?? folder) cannot be written", errno) }
    return (String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self), file)
  }

  private func copy(_ file: Int32, to target: Int32, _ name: String) throws(Failure) {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    lseek(file, 0, SEEK_SET)
    while true {
      let count = read(file, &chunk, chunk.count)
      guard count > 0 else { break }
      var rest = chunk[..<count]
      while !rest.isEmpty {
        let written = rest.withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
        guard written > 0 else { throw Self.failure("\(name) cannot be written", errno) }
        rest = rest.dropFirst(written)
      }
    }
  }

  /// The beginning of what the server said instead.
  private static func answer(_ file: Int32) -> String {
    var beginning = [UInt8](repeating: 0, count: 1000)
    let count = pread(file, &beginning, beginning.count, 0)
    guard count > 0 else { return "" }
    return ": " + String(decoding: beginning.prefix(count), as: UTF8.self)
  }

  // MARK: curl

  /// Its exit status.
  private func fetch(into path: String) throws(Failure) -> Int32 {
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
    let process = try spawn(input: ends[0], into: path)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status
  }

  private func spawn(input: Int32, into path: String) throws(Failure) -> pid_t {
    defer { close(input) }
    let arguments = [
      "curl", "--silent", "--show-error", "--fail-with-body", "--max-time", "\(limit.milliseconds / 1000 + 1)",
      "--header", "@-", "--output", path, "--", url,
    ]
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
