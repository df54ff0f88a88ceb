import ChildProcesses
import Foundation

/// Another engine in a process of its own, which does one workload when it is told its name.
final class Peer {
  /// What it calls itself, with its version.
  let name: String
  var shortName: String { name.split(separator: " ").first.map(String.init) ?? name }
  private let process: ChildProcess
  private let input: FileHandle
  private let output: FileHandle
  private var unread: [UInt8] = []
  private let arguments: [String]

  /// pycrdt, and Yjs for what pycrdt cannot do; whoever is there.
  static func all(python: String, folder: String) -> [Peer] {
    [Peer(python, "peer.py", folder), Peer("node", "peer.mjs", folder)].compactMap(\.self)
  }

  /// Nil where the engine is missing.
  private init?(_ interpreter: String, _ script: String, _ folder: String) {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(script)
    arguments = [interpreter, file.path, folder]
    guard let input = try? ProcessPipe(), let output = try? ProcessPipe(),
      let process = try? ChildProcess(
        arguments[0], Array(arguments.dropFirst()), input: .descriptor(input.reading.fileDescriptor),
        output: .descriptor(output.writing.fileDescriptor))
    else { return nil }
    (self.process, self.input, self.output) = (process, input.writing, output.reading)
    try? input.reading.close()
    try? output.writing.close()
    var first: [UInt8] = []
    guard let line = Self.readLine(output.reading, &first) else { return nil }
    name = line
    unread = first
  }

  deinit {
    try? input.close()
    process.waitForExit()
  }

  /// Milliseconds of one run; nil if it does not know the workload.
  func measure(_ workload: String) -> Double? {
    input.write(Data((workload + "\n").utf8))
    return Self.readLine(output, &unread).flatMap(Double.init)
  }

  /// The bytes that a document takes in a fresh process of the same kind.
  func memory(_ row: String) -> Int? {
    let fresh = try? ChildProcess.run(arguments[0], arguments.dropFirst() + [row])
    return fresh?.output.split(separator: "\n").last.flatMap { Int($0) }
  }

  private static func readLine(_ pipe: FileHandle, _ unread: inout [UInt8]) -> String? {
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: unread[..<end], as: UTF8.self)
        unread.removeSubrange(...end)
        return line
      }
      let more = pipe.availableData
      guard !more.isEmpty else { return nil }
      unread += more
    }
  }
}
