import Foundation

/// Another engine in a process of its own, which does one workload when it is told its name.
final class Peer {
  /// What it calls itself, with its version.
  let name: String
  var shortName: String { name.split(separator: " ").first.map(String.init) ?? name }
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
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
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    guard (try? process.run()) != nil else { return nil }
    var first: [UInt8] = []
    guard let line = Self.readLine(output, &first) else { return nil }
    name = line
    unread = first
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// Milliseconds of one run; nil if it does not know the workload.
  func measure(_ workload: String) -> Double? {
    input.fileHandleForWriting.write(Data((workload + "\n").utf8))
    return Self.readLine(output, &unread).flatMap(Double.init)
  }

  /// The bytes that a document takes in a fresh process of the same kind.
  func memory(_ row: String) -> Int? {
    let fresh = Process()
    fresh.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    fresh.arguments = arguments + [row]
    let answer = Pipe()
    fresh.standardOutput = answer
    guard (try? fresh.run()) != nil else { return nil }
    let text = String(decoding: answer.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    fresh.waitUntilExit()
    return text.split(separator: "\n").last.flatMap { Int($0) }
  }

  private static func readLine(_ pipe: Pipe, _ unread: inout [UInt8]) -> String? {
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: unread[..<end], as: UTF8.self)
        unread.removeSubrange(...end)
        return line
      }
      let more = pipe.fileHandleForReading.availableData
      guard !more.isEmpty else { return nil }
      unread += more
    }
  }
}
