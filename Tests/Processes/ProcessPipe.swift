import CProcesses
import Foundation

/// A pipe to or from a child process, which no other child keeps open. Its ends are closed with it.
public struct ProcessPipe: Sendable {
  public let reading: FileHandle
  public let writing: FileHandle

  public init() throws {
    var ends: [Int32] = [-1, -1]
    guard process_pipe(&ends) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EMFILE) }
    reading = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
    writing = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
  }
}
