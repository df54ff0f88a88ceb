import Dispatch
import Glibc
import Subprocess
import Synchronization

/// A call of git that runs: in a session of its own, so that it has no terminal to ask on, and ends with all that it
/// started.
final class GitRun: Sendable {
  private struct State {
    var process: pid_t?
    var reason: GitError?
    var result: Result<GitOutput, GitError>?
  }

  private static let watchInterval: DispatchTimeInterval = .milliseconds(25)
  private static let maximumErrorBytes = 256 << 10

  private let command: GitCommand
  private let state = Mutex(State())
  private let task = Mutex<Task<Void, Never>?>(nil)
  private let done = DispatchSemaphore(value: 0)

  init(_ command: GitCommand) {
    self.command = command
  }

  /// Ends git; whoever waits for it gets `reason`.
  func stop(because reason: GitError) {
    state.withLock { if $0.reason == nil { $0.reason = reason } }
    task.withLock { $0?.cancel() }
  }

  /// Runs git, and waits for it. Throws where it could not run or was ended, not where it failed.
  func output() throws(GitError) -> GitOutput {
    task.withLock { $0 = Task(executorPreference: GitExecutor.shared) { await self.perform() } }
    // Somebody may have stopped it before there was a task.
    if state.withLock({ $0.reason != nil }) { task.withLock { $0?.cancel() } }
    wait()
    let (result, reason, process) = state.withLock { ($0.result, $0.reason, $0.process) }
    guard let reason else {
      guard let result else { preconditionFailure("signalled without a result") }
      return try result.get()
    }
    if let process { Self.end(group: process) }
    throw reason
  }

  /// What git had started may be there yet, and is of its group. It is given a moment to be gone, so that nothing of it
  /// writes any more.
  private static func end(group: pid_t) {
    for _ in 0..<40 where kill(-group, SIGKILL) == 0 { usleep(5000) }
  }

  /// Until git has ended, which it is made to when its time is over or what is watched says so.
  private func wait() {
    let deadline = ContinuousClock.now + command.timeout
    while done.wait(timeout: .now() + Self.watchInterval) == .timedOut {
      if ContinuousClock.now > deadline {
        stop(because: GitError(.timedOut, "git was stopped after \(command.timeout.components.seconds) s"))
      } else if let reason = command.watch?() {
        stop(because: reason)
      }
    }
  }

  private func perform() async {
    let result: Result<GitOutput, GitError>
    do {
      result = .success(try await run())
    } catch let error as SubprocessError {
      result = .failure(Self.error(for: error))
    } catch let error as GitError {
      result = .failure(error)
    } catch {
      result = .failure(GitError(.failed, "git could not be run: \(error)"))
    }
    state.withLock { $0.result = result }
    done.signal()
  }

  private func run() async throws -> GitOutput {
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = [
      .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: command.grace)
    ]
    let (program, arguments) = Self.commandLine(command.arguments)
    let environment = Dictionary(
      uniqueKeysWithValues: command.environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
    let result = try await Subprocess.run(
      program, arguments: Arguments(arguments), environment: .custom(environment), platformOptions: options,
      input: .array(command.input), output: .bytes(limit: command.maximumOutputBytes),
      error: .bytes(limit: Self.maximumErrorBytes)
    ) { execution in
      self.state.withLock { $0.process = execution.processIdentifier.value }
    }
    switch result.terminationStatus {
    case .exited(let code):
      return GitOutput(
        exitCode: code, bytes: result.standardOutput, errors: String(decoding: result.standardError, as: UTF8.self))
    case .signaled(let signal):
      throw GitError(.killed, "git was killed by signal \(signal)")
    }
  }

  /// Git dies with this process, whatever that dies of, where there is a program that sees to it.
  private static func commandLine(_ arguments: [String]) -> (Executable, [String]) {
    for path in ["/usr/bin/setpriv", "/bin/setpriv"] where access(path, X_OK) == 0 {
      return (.path(.init(path)), ["--pdeathsig", "KILL", "--", "git"] + arguments)
    }
    return (.name("git"), arguments)
  }

  private static func error(for error: SubprocessError) -> GitError {
    switch error.code {
    case .outputLimitExceeded: GitError(.tooLarge, "git had more to say than it may: \(error)")
    case .executableNotFound: GitError(.noGit, "there is no git on this machine: install it, or put it on the PATH")
    default: GitError(.failed, "git could not be run: \(error)")
    }
  }
}

/// Where what is asynchronous about git runs: not among the threads of other tasks, so that all of those may wait for git.
private final class GitExecutor: TaskExecutor {
  static let shared = GitExecutor()

  private let queue = DispatchQueue(label: "heddle.git")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
