import ChildProcesses
import Foundation
import Synchronization

/// A child process that tells things by lines on its standard output. Its standard error goes where ours does, or into
/// a file.
public final class LineProcess: Sendable {
  /// What is known of it.
  public struct Progress: Sendable, CustomStringConvertible {
    public var lines: [String] = []
    /// Whether it says no more.
    public var isAtEnd = false
    /// How it ended: an exit status, or the negated signal.
    public var exit: Int32?

    public var description: String {
      let (exit, output) = (exit.map(String.init) ?? "none", isAtEnd ? "ended" : "open")
      return "exit \(exit), output \(output) after \(lines.count) lines: \(lines.suffix(5))"
    }
  }

  public let progress = Watched(Progress())
  private let process: ChildProcess
  private let input: Mutex<FileHandle>

  /// Starts the process. `onLine` is called on a thread of its own for each line, before `progress` shows it.
  public init(
    _ executable: String, _ arguments: [String], environment: [String: String] = [:], directory: URL? = nil,
    standardError: URL? = nil, onLine: (@Sendable (String) -> Void)? = nil
  ) throws {
    // Writing to a process that has ended must be an error, not the end of ours.
    Foundation.signal(SIGPIPE, SIG_IGN)
    let (input, output) = try (ProcessPipe(), ProcessPipe())
    process = try ChildProcess(
      executable, arguments, environment: environment, directory: directory?.path,
      input: .descriptor(input.reading.fileDescriptor), output: .descriptor(output.writing.fileDescriptor),
      errors: standardError.map { .file($0.path) } ?? .inherited)
    try input.reading.close()
    try output.writing.close()
    self.input = Mutex(input.writing)
    let (process, progress, handle) = (process, progress, output.reading)
    Thread.detachNewThread {
      let exit = process.waitForExit()
      progress.update { $0.exit = exit }
    }
    Thread.detachNewThread {
      Self.readLines(of: handle) { line in
        onLine?(line)
        progress.update { $0.lines.append(line) }
      }
      progress.update { $0.isAtEnd = true }
    }
  }

  private static func readLines(of handle: FileHandle, _ body: (String) -> Void) {
    var rest: [UInt8] = []
    while true {
      let part = handle.availableData
      guard !part.isEmpty else { return }
      var lines = part.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      let last = lines.removeLast()
      for line in lines {
        body(String(decoding: rest + line, as: UTF8.self))
        rest.removeAll()
      }
      rest += last
    }
  }

  public var processID: Int32 { process.id }

  /// Writes a line to its standard input.
  public func write(line: String) throws {
    try input.withLock { try $0.write(contentsOf: Data((line + "\n").utf8)) }
  }

  /// Ends its standard input.
  public func closeInput() {
    input.withLock { try? $0.close() }
  }

  /// Sends it a signal, unless it has ended.
  public func signal(_ signal: Int32) {
    process.signal(signal)
  }

  /// Waits until it has ended.
  /// - Returns: its exit status, or the negated signal that ended it.
  @discardableResult
  public func waitForExit(limit: Duration = .seconds(30)) async throws -> Int32 {
    try await progress.wait(for: "the end of process \(processID)", limit: limit) { $0.exit }
  }

  /// Waits until it has ended and all that it said was read, which may be a moment later.
  /// - Returns: its exit status, or the negated signal that ended it, and its lines.
  public func waitForEnd(limit: Duration = .seconds(30)) async throws -> (exit: Int32, lines: [String]) {
    try await progress.wait(for: "the end of process \(processID) and of what it says", limit: limit) { progress in
      progress.isAtEnd ? progress.exit.map { ($0, progress.lines) } : nil
    }
  }
}
