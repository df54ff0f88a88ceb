import Foundation
import FoundationNetworking
import TestSupport
import Workflow

/// The real server: `heddle serve` in a process and a data folder of its own.
final class HeddleServer: Sendable {
  /// Where its data is. It stays when the server is killed, so that another can be started over it.
  let data: URL
  /// The address it listens on, as `127.0.0.1:port`.
  let address: String
  private let process: LineProcess

  var processID: Int32 { process.processID }

  /// Starts a server over a data folder, a new one unless given, and waits until it listens. `shell` is done before in the
  /// process that becomes the server.
  init(
    data: URL? = nil, arguments: [String] = [], port: UInt16 = 0, shell: String = ":", limit: Duration = .seconds(60)
  ) async throws {
    let data = data ?? Self.newFolder()
    self.data = data
    let log = Self.log(of: data)
    process = try LineProcess(
      "/bin/sh",
      ["-c", "\(shell); exec \"$@\"", "sh", Self.executable]
        + ["serve", "--listen", "127.0.0.1:\(port)", "--data-dir", data.path] + arguments,
      standardError: log)
    do {
      let found = try await process.progress.wait(for: "the address of the server", limit: limit) { progress in
        progress.lines.lazy.compactMap(Self.address).first ?? progress.exit.map { "exit \($0)" }
      }
      guard !found.hasPrefix("exit") else { throw StartFailure(message: found) }
      address = found
    } catch {
      process.signal(SIGKILL)
      let errors = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
      throw StartFailure(
        message: "\(error)\n\(process.progress.current.lines.joined(separator: "\n"))\n\(errors.suffix(3000))")
    }
  }

  /// It did not come up; says what it said.
  struct StartFailure: Error, CustomStringConvertible {
    var message: String

    var description: String { "heddle serve did not start: \(message)" }
  }

  /// The product beside the tests.
  static var executable: String {
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appendingPathComponent("heddle").path
  }

  private static func newFolder() -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "heddle-test-\(UUID().uuidString.prefix(8))")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  private static func address(in line: String) -> String? {
    guard let start = line.range(of: "127.0.0.1:") else { return nil }
    let port = line[start.upperBound...].prefix { $0.isNumber }
    return port.isEmpty || port == "0" ? nil : "127.0.0.1:\(port)"
  }

  /// Where y-websocket clients connect; the document's name follows.
  var collab: String { "ws://\(address)/collab" }

  /// Stops it as a service manager does and removes its data.
  func stop() async throws {
    process.signal(SIGTERM)
    try await process.waitForExit()
    for file in [data, Self.log(of: data)] { try? FileManager.default.removeItem(at: file) }
  }

  /// What the server has logged so far.
  func log() throws -> String { try String(contentsOf: Self.log(of: data), encoding: .utf8) }

  /// What the server says goes beside its data, which is all its own.
  private static func log(of data: URL) -> URL {
    data.deletingLastPathComponent().appendingPathComponent("\(data.lastPathComponent).log")
  }

  /// Stops it as a service manager does and keeps its data.
  @discardableResult
  func terminate() async throws -> Int32 {
    process.signal(SIGTERM)
    return try await process.waitForExit()
  }

  /// Waits until it has ended by itself. Its exit status, or the negated signal.
  func ended() async throws -> Int32 { try await process.waitForExit() }

  /// Ends it without giving it a chance.
  func kill() async throws {
    process.signal(SIGKILL)
    try await process.waitForExit()
  }

  /// Ends it without giving it a chance, and starts another over its data.
  func killAndRestart() async throws -> HeddleServer {
    process.signal(SIGKILL)
    try await process.waitForExit()
    return try await HeddleServer(data: data)
  }

  /// Does an HTTP request with a JSON body.
  func request(
    _ method: String, _ path: String, body: JSONValue? = nil
  ) async throws -> (status: Int, body: JSONValue) {
    guard let url = URL(string: "http://\(address)\(path)") else { throw StartFailure(message: "no path: \(path)") }
    var request = URLRequest(url: url)
    request.httpMethod = method
    request.timeoutInterval = 30
    if let body {
      request.httpBody = Data(body.serialized())
      request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    }
    let (data, response) = try await URLSession.shared.data(for: request)
    let status = (response as? HTTPURLResponse)?.statusCode ?? 0
    return (status, (try? JSONValue(parsing: Array(data))) ?? .string(String(decoding: data, as: UTF8.self)))
  }
}
