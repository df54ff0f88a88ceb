import CProcesses
import Foundation

extension ChildProcess {
  /// How a process ended and what it had said by then.
  public struct Outcome: Sendable {
    /// Its exit status, or the negated signal that ended it.
    public var exit: Int32
    public var output: String
    public var errors: String
  }

  /// Runs a program to its end.
  public static func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], directory: String? = nil,
    input: Data = Data()
  ) throws -> Outcome {
    // Files in memory, so that nobody waits for somebody to read.
    let files = try (0..<3).map { _ in try MemoryFile() }
    try files[0].write(input)
    let process = try ChildProcess(
      program, arguments, environment: environment, directory: directory, input: .descriptor(files[0].descriptor),
      output: .descriptor(files[1].descriptor), errors: .descriptor(files[2].descriptor))
    let exit = process.waitForExit()
    return try Outcome(exit: exit, output: files[1].text(), errors: files[2].text())
  }
}

/// A file that is in memory only.
private struct MemoryFile {
  private let handle: FileHandle

  init() throws {
    let descriptor = process_memory_file()
    guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EMFILE) }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  var descriptor: Int32 { handle.fileDescriptor }

  /// Writes what is read from its beginning.
  func write(_ data: Data) throws {
    try handle.write(contentsOf: data)
    try handle.seek(toOffset: 0)
  }

  func text() throws -> String {
    try handle.seek(toOffset: 0)
    return String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
  }
}
