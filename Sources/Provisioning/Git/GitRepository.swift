/// A copy of a remote repository in a folder of ours, kept and used through the system's git.
///
/// All calls block until git is done, which takes up to the limits' timeouts, and are for threads that may. Calls of other
/// threads and processes for the same folder wait for each other. A copy that is damaged is made anew.
public struct GitRepository: Sendable {
  public let url: GitURL
  public let limits: GitLimits
  let folder: GitFolder
  let processes: GitProcesses
  private let variables: [String: String]

  /// The repository at `url`, with its copy in `folder`, which nobody else uses and which is made when it isn't there.
  /// `environment` is added to what git gets of this process' environment.
  public init(
    url: GitURL, folder: String, limits: GitLimits = GitLimits(), processes: GitProcesses = GitProcesses(),
    environment: [String: String] = [:]
  ) {
    self.url = url
    self.folder = GitFolder(path: folder)
    self.limits = limits
    self.processes = processes
    variables = environment
  }
}

// MARK: - Running git

extension GitRepository {
  /// The most that git may have to say, other than the contents of files.
  static let maximumTextBytes = 64 << 20

  /// Runs git on the copy, without the remote, and returns what it gives back, whatever its exit code.
  func localOutput(
    _ arguments: [String], input: [UInt8] = [], maximumOutputBytes: Int = maximumTextBytes, timeout: Duration? = nil
  ) throws(GitError) -> GitOutput {
    try run(
      ["--git-dir=\(folder.copy)"] + arguments, environment: GitEnvironment.local(), input: input,
      timeout: timeout ?? limits.commandTimeout, maximumOutputBytes: maximumOutputBytes)
  }

  /// The same, where anything but an exit code of 0 is an error.
  func local(_ what: String, _ arguments: [String], input: [UInt8] = []) throws(GitError) -> GitOutput {
    try checked(localOutput(arguments, input: input), doing: what)
  }

  /// Runs git on the copy with the remote, which it knows as `origin`.
  func remoteOutput(
    _ arguments: [String], isOnline: Bool = true, watch: (@Sendable () -> GitError?)? = nil
  ) throws(GitError) -> GitOutput {
    var environment = GitEnvironment.remote(url, maximumFileBytes: limits.maximumFileBytes)
    if !isOnline { environment["GIT_ALLOW_PROTOCOL"] = "none" }
    return try run(
      ["--git-dir=\(folder.copy)"] + arguments, environment: environment, timeout: limits.transferTimeout, watch: watch)
  }

  /// Runs git.
  func run(
    _ arguments: [String], environment: [String: String], input: [UInt8] = [], timeout: Duration,
    maximumOutputBytes: Int = maximumTextBytes, watch: (@Sendable () -> GitError?)? = nil
  ) throws(GitError) -> GitOutput {
    try processes.run(
      GitCommand(
        arguments: arguments, environment: environment.merging(variables) { $1 }, input: input, timeout: timeout,
        grace: limits.terminationGrace, maximumOutputBytes: maximumOutputBytes, watch: watch))
  }

  func checked(_ output: GitOutput, doing what: String) throws(GitError) -> GitOutput {
    guard output.exitCode == 0 else { throw error(output, doing: what) }
    return output
  }

  func error(_ output: GitOutput, doing what: String) -> GitError {
    GitError(output: output.errors, exitCode: output.exitCode, doing: what, at: url)
  }
}
