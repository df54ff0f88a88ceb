import CProcesses
import Foundation
import Glibc
import Synchronization

/// A child process of the tests and the benchmarks, with nothing of ours open in it, with signals as a fresh process
/// has them, and in a process group of its own.
///
/// Foundation's `Process` is not used: while it looks for open files, it copies entries of a folder beyond the end of
/// the buffer they are in, which now and then ends the process that starts another (swift-corelibs-foundation,
/// `findMaximumOpenFromProcSelfFD`).
public final class ChildProcess: Sendable {
  /// Where its input comes from, or where what it says goes.
  public enum Stream: Sendable {
    /// Where ours comes from or goes.
    case inherited
    /// From nowhere, or to nowhere.
    case nothing
    /// Into the file, which is emptied before.
    case file(String)
    /// A descriptor of ours, which stays open here.
    case descriptor(Int32)
  }

  /// A program could not be started.
  public struct StartFailure: Error, CustomStringConvertible {
    public let description: String
  }

  public let id: pid_t
  /// How it ended, once that was asked for.
  private let exit = Mutex<Int32?>(nil)

  /// Starts a program, which is looked for on the path. The environment comes on top of ours.
  public init(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], directory: String? = nil,
    input: Stream = .nothing, output: Stream = .inherited, errors: Stream = .inherited
  ) throws {
    let files = try [input, output, errors].enumerated().map { try $1.open(instead: Int32($0)) }
    defer { for file in files where file.isOwn { close(file.descriptor) } }
    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let argv = ([program] + arguments).map { strdup($0) } + [nil]
    let envp = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { for string in argv + envp { free(string) } }
    var id: pid_t = 0
    let error = process_spawn(&id, argv, envp, directory, files.map(\.descriptor))
    guard error == 0 else { throw StartFailure(description: "\(program): \(String(cString: strerror(error)))") }
    self.id = id
  }

  /// Waits until it has ended.
  /// - Returns: its exit status, or the negated signal that ended it.
  @discardableResult
  public func waitForExit() -> Int32 {
    // Nobody takes it away here, so that its number stays its own until that is noted.
    var info = siginfo_t()
    while waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
    return exit.withLock { exit in
      if let exit { return exit }
      var status: Int32 = 0
      while waitpid(id, &status, 0) < 0, errno == EINTR {}
      let signal = status & 0x7F
      let ended = signal == 0 ? status >> 8 & 0xFF : -signal
      exit = ended
      return ended
    }
  }

  /// Whether it has not ended.
  public var isRunning: Bool {
    exit.withLock { exit in
      guard exit == nil else { return false }
      var info = siginfo_t()
      return waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_signo == 0
    }
  }

  /// Sends it a signal, unless it has ended.
  public func signal(_ signal: Int32) {
    exit.withLock { exit in
      if exit == nil { kill(id, signal) }
    }
  }
}

extension ChildProcess.Stream {
  /// What a process gets in the place of `number`, and whether it was opened for that.
  fileprivate func open(instead number: Int32) throws -> (descriptor: Int32, isOwn: Bool) {
    let (path, flags): (String, Int32)
    switch self {
    case .inherited: return (number, false)
    case .descriptor(let descriptor): return (descriptor, false)
    case .nothing: (path, flags) = ("/dev/null", O_RDWR)
    case .file(let file): (path, flags) = (file, O_WRONLY | O_CREAT | O_TRUNC)
    }
    let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw ChildProcess.StartFailure(description: "\(path): \(String(cString: strerror(errno)))")
    }
    return (descriptor, true)
  }
}
