import Glibc

/// One reading of a key set. Blocks.
struct KeyFetch {
  private let configuration: KeySource.Configuration

  init(_ configuration: KeySource.Configuration) {
    self.configuration = configuration
  }

  func run() throws -> KeySet {
    let location = configuration.location
    do {
      return try KeySet(parsing: location.contains("://") ? download() : read())
    } catch {
      throw KeySetError("the key set \(location): \(error)")
    }
  }

  private func read() throws -> [UInt8] {
    let file = open(configuration.location, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw KeySetError(String(cString: strerror(errno))) }
    defer { close(file) }
    return try contents(of: file)
  }

  /// Has curl fetch it, which knows TLS, certificates and proxies; within the limits, and from nowhere else than it was told.
  private func download() throws -> [UInt8] {
    let seconds = "\(Double(configuration.timeout / .milliseconds(1)) / 1000)"
    let arguments = [
      "curl", "--silent", "--show-error", "--fail", "--max-time", seconds, "--max-filesize",
      "\(configuration.maximumBytes)", "--max-redirs", "0", "--header", "Accept: application/json",
      configuration.location,
    ]
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw KeySetError(String(cString: strerror(errno))) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    let process = try spawn(arguments, output: ends[1])
    // Whatever happens, the process does not stay behind.
    let bytes = Result { try contents(of: ends[0]) }
    if case .failure = bytes { kill(process, SIGKILL) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    let document = try bytes.get()
    guard status == 0 else { throw KeySetError(Self.reason(status >> 8 & 0xFF)) }
    return document
  }

  private func spawn(_ arguments: [String], output: Int32) throws -> pid_t {
    defer { close(output) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let argv = arguments.map { strdup($0) } + [nil]
    defer { for argument in argv { free(argument) } }
    var process: pid_t = 0
    let error = posix_spawnp(&process, arguments[0], &actions, &attributes, argv, environ)
    guard error == 0 else { throw KeySetError("curl cannot be started: \(String(cString: strerror(error)))") }
    return process
  }

  /// What curl's exit codes mean that are likely.
  private static func reason(_ code: Int32) -> String {
    switch code {
    case 6: "its host is not known"
    case 7: "nobody answers there"
    case 22: "it was answered with an error"
    case 28: "it took too long"
    case 35, 51, 58, 60: "the connection is not secure: its certificate cannot be verified"
    case 47: "it was answered with a redirect, which is not followed"
    case 63: "it is too large"
    default: "it cannot be fetched (curl ended with \(code))"
    }
  }

  private func contents(of file: Int32) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= configuration.maximumBytes {
      let count = Glibc.read(file, &chunk, chunk.count)
      if count == 0 { return bytes }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw KeySetError(String(cString: strerror(errno)))
      }
      bytes += chunk[..<count]
    }
    throw KeySetError("it has more than \(configuration.maximumBytes) bytes")
  }
}
