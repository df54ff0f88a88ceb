import ChildProcesses
import Foundation

/// A server that is measured: ours with a Postgres of its own, or a peer that keeps documents in memory.
final class LoadServer {
  enum Kind: String, CaseIterable {
    case heddle
    case yWebsocket = "y-websocket"
    case pycrdt = "pycrdt-websocket"
  }

  let kind: Kind
  let port: UInt16
  private let process: ChildProcess
  private let directory: String

  /// Starts it and waits until it listens. `arguments` are for ours.
  init(_ kind: Kind, root: String, arguments: [String] = []) throws {
    self.kind = kind
    port = UInt16.random(in: 20_000..<30_000)
    directory = "/tmp/heddle-load-\(getpid())-\(port)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let program: [String]
    var environment: [String: String] = [:]
    switch kind {
    case .heddle:
      // The generator is more than any one editor.
      let limits = ["--member-messages-per-second", "0", "--member-bytes-per-second", "0"]
      let options = ["--listen", "127.0.0.1:\(port)", "--data-dir", directory] + limits
      program = [root + "/.build/release/heddle", "serve"] + options + arguments
    case .yWebsocket:
      program = ["node", "/usr/share/nodejs/y-websocket/bin/server.js"]
      environment = ["HOST": "127.0.0.1", "PORT": "\(port)", "NODE_PATH": "/usr/share/nodejs"]
    case .pycrdt:
      program = [root + "/.venv/bin/python", root + "/Benchmarks/Load/pycrdt-server.py", "\(port)"]
    }
    process = try ChildProcess(
      program[0], Array(program.dropFirst()), environment: environment, output: .nothing,
      errors: .file("/tmp/heddle-load.log"))
    try waitUntilItListens()
  }

  private func waitUntilItListens() throws {
    let end = Clock.now + 60
    while (try? LoadConnection(port: port, target: "/")) == nil {
      guard Clock.now < end, process.isRunning else { throw LoadFailure("\(kind.rawValue) did not start") }
      usleep(20_000)
    }
  }

  func stop() {
    process.signal(SIGTERM)
    process.waitForExit()
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// Where the websocket of a document is.
  func target(of document: String) -> String {
    kind == .heddle ? "/collab/workflow:\(document)" : "/\(document)"
  }

  /// Makes sure that so many documents can be opened, and names them.
  func makeDocuments(_ count: Int) throws -> [String] {
    let names = (0..<count).map { _ in UUID().uuidString.lowercased() }
    guard kind == .heddle else { return names }
    for part in stride(from: 0, to: count, by: 500) {
      let workflows = names[part..<min(part + 500, count)].map { id in
        #"{"id":"\#(id)","name":"\#(id)","jobs":[],"triggers":[],"edges":[]}"#
      }
      let project = UUID().uuidString.lowercased()
      try post(
        "/api/provision",
        #"{"id":"\#(project)","name":"load-\#(project)","workflows":[\#(workflows.joined(separator: ","))]}"#)
    }
    return names
  }

  /// Has our Postgres reuse files of its log, as one does that has run for a while. To make such a file takes about 20 ms, in which
  /// nothing is stored.
  func recycleLog() throws {
    guard kind == .heddle else { return }
    let lines = try String(contentsOfFile: directory + "/data/postmaster.pid", encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    let next = ["select pg_logical_emit_message(true, 'load', 'next')", "select pg_switch_wal()"]
    let statements = (0..<8).flatMap { _ in next } + ["checkpoint"]
    try run(
      ["psql", "-q", "-h", "\(lines[4])", "-p", "\(lines[3])", "-U", "heddle", "-d", "heddle"]
        + statements.flatMap { ["-c", $0] })
  }

  private func post(_ path: String, _ body: String) throws {
    let file = directory + "/body.json"
    try Data(body.utf8).write(to: URL(fileURLWithPath: file))
    try run([
      "curl", "-sf", "-H", "Content-Type: application/json", "--data-binary", "@\(file)",
      "http://127.0.0.1:\(port)\(path)",
    ])
  }

  private func run(_ arguments: [String]) throws {
    let program = try ChildProcess(arguments[0], Array(arguments.dropFirst()), output: .nothing)
    guard program.waitForExit() == 0 else { throw LoadFailure("\(arguments.joined(separator: " ")) failed") }
  }

  // MARK: Figures

  /// Seconds of CPU that the server has used; of ours without its Postgres.
  var processorTime: Double { Self.processorTime(of: process.id) }

  /// Seconds of CPU of its Postgres.
  var databaseTime: Double {
    guard kind == .heddle else { return 0 }
    guard let file = try? String(contentsOfFile: directory + "/data/postmaster.pid", encoding: .utf8),
      let postmaster = file.split(separator: "\n").first.flatMap({ Int32($0) })
    else { return 0 }
    let children = try? String(contentsOfFile: "/proc/\(postmaster)/task/\(postmaster)/children", encoding: .utf8)
    let processes = [postmaster] + (children?.split(separator: " ").compactMap { Int32($0) } ?? [])
    return processes.reduce(0) { $0 + Self.processorTime(of: $1) }
  }

  private static func processorTime(of process: Int32) -> Double {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let end = text.lastIndex(of: ")")
    else { return 0 }
    let fields = text[end...].split(separator: " ")
    guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// What it has in memory, and the most that it had, in bytes.
  var memory: (now: Int, peak: Int) {
    let text = (try? String(contentsOfFile: "/proc/\(process.id)/status", encoding: .utf8)) ?? ""
    let value = { (name: String) in
      text.split(separator: "\n").first { $0.hasPrefix(name) }.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }
    return (value("VmRSS:") * 1024, value("VmHWM:") * 1024)
  }
}
