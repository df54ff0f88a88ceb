/// A copy of a remote repository in a folder of ours, kept and used through the system's git.
///
/// All calls block until git is done, which takes up to the limits' timeouts, and are for threads that may. Calls of other
/// threads and processes for the same folder wait for each other. A copy that is damaged is made anew.
public struct GitRepository: Sendable {
  public let url: GitURL
  public let limits: GitLimits
  let folder: GitFolder
  let processes: GitProcesses

  /// The repository at `url`, with its copy in `folder`, which nobody else uses and which is made when it isn't there.
  public init(url: GitURL, folder: String, limits: GitLimits = GitLimits(), processes: GitProcesses = GitProcesses()) {
    self.url = url
    self.folder = GitFolder(path: folder)
    self.limits = limits
    self.processes = processes
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
    try processes.run(
      GitCommand(
        arguments: ["--git-dir=\(folder.copy)"] + arguments, environment: GitEnvironment.local(), input: input,
        timeout: timeout ?? limits.commandTimeout, grace: limits.terminationGrace,
        maximumOutputBytes: maximumOutputBytes))
  }

  /// The same, where anything but an exit code of 0 is an error.
  func local(_ what: String, _ arguments: [String], input: [UInt8] = []) throws(GitError) -> GitOutput {
    try checked(localOutput(arguments, input: input), doing: what)
  }

  /// Runs git on the copy with the remote, which it knows as `origin`.
  func remoteOutput(
    _ arguments: [String], watch: (@Sendable () -> GitError?)? = nil
  ) throws(GitError) -> GitOutput {
    try processes.run(
      GitCommand(
        arguments: ["--git-dir=\(folder.copy)"] + arguments,
        environment: GitEnvironment.remote(url, maximumFileBytes: limits.maximumFileBytes),
        timeout: limits.transferTimeout, grace: limits.terminationGrace,
        maximumOutputBytes: Self.maximumTextBytes, watch: watch))
  }

  func checked(_ output: GitOutput, doing what: String) throws(GitError) -> GitOutput {
    guard output.exitCode == 0 else { throw error(output, doing: what) }
    return output
  }

  func error(_ output: GitOutput, doing what: String) -> GitError {
    GitError(output: output.errors, exitCode: output.exitCode, doing: what, at: url)
  }
}
