import Foundation
import Glibc
import TestSupport
import Workflow

/// Two servers on one database, and one of the proxies of Operations in front of them, as its file has it: only addresses, ports
/// and paths are those of the test.
final class ProxySite: Sendable {
  enum Kind: String, CaseIterable, Sendable {
    case nginx
    case haproxy
  }

  let servers: [HeddleServer]
  let port: UInt16
  let folder: URL
  /// The servers' database.
  let database: String
  private let process: LineProcess

  /// Where y-websocket clients connect.
  var collab: String { "wss://127.0.0.1:\(port)/collab" }
  var certificate: String { folder.appendingPathComponent("certificate.pem").path }

  /// - Parameter change: What is to be otherwise in the proxy's file.
  init(_ kind: Kind, arguments: [String] = [], change: (String) -> String = { $0 }) async throws {
    database = try TestPostgres.makeDatabase()
    var servers: [HeddleServer] = []
    for _ in 0..<2 {
      servers.append(
        try await HeddleServer(arguments: ["--database-url", database, "--trusted-proxies", "127.0.0.1"] + arguments))
    }
    self.servers = servers
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("proxy-\(UUID().uuidString.prefix(8))")
    self.folder = folder
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try await Self.makeCertificate(in: folder)
    let port = try Self.freePort()
    self.port = port
    let file = folder.appendingPathComponent("configuration")
    let text = try Self.configuration(kind, folder.path, port, servers.map(\.address))
    try change(text).write(to: file, atomically: true, encoding: .utf8)
    let arguments =
      switch kind {
      case .nginx: ["/usr/sbin/nginx", "-p", folder.path, "-c", file.path, "-g", "daemon off; pid \(folder.path)/pid;"]
      case .haproxy: ["/usr/sbin/haproxy", "-db", "-f", file.path]
      }
    let errors = folder.appendingPathComponent("errors")
    process = try LineProcess(arguments[0], Array(arguments.dropFirst()), standardError: errors)
    try await until("\(kind) and a server are ready", state: String(contentsOf: errors, encoding: .utf8)) {
      if try await curl("/readyz").status == 200 { return true }
      guard process.progress.current.exit == nil else {
        throw HeddleServer.StartFailure(message: "\(kind): \(try String(contentsOf: errors, encoding: .utf8))")
      }
      return false
    }
  }

  func stop() async throws {
    process.signal(SIGTERM)
    try await process.waitForExit()
    for server in servers { try await server.stop() }
    try? FileManager.default.removeItem(at: folder)
  }

  /// A self-signed certificate, and its key in a file of its own and behind it.
  private static func makeCertificate(in folder: URL) async throws {
    let command = """
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1 \
      -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out certificate.pem 2>openssl.log && cat certificate.pem key.pem > both.pem
      """
    try await LineProcess("/bin/sh", ["-c", command], directory: folder).waitForExit()
  }

  private static func freePort() throws -> UInt16 {
    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(server) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(server, $0, length)
        getsockname(server, $0, &length)
      }
    }
    return address.sin_port.bigEndian
  }

  private static func configuration(
    _ kind: Kind, _ folder: String, _ port: UInt16, _ servers: [String]
  ) throws -> String {
    let name = kind == .nginx ? "nginx.conf" : "haproxy.cfg"
    var text = try String(contentsOf: Repository.root.appendingPathComponent("Operations/\(name)"), encoding: .utf8)
    func replace(_ old: String, _ new: String) throws {
      guard text.contains(old) else { throw HeddleServer.StartFailure(message: "\(name) has no '\(old)'") }
      text = text.replacingOccurrences(of: old, with: new)
    }
    try replace("10.0.0.11:4400", servers[0])
    try replace("10.0.0.12:4400", servers[1])
    switch kind {
    case .nginx:
      try replace("listen 443 ssl", "listen 127.0.0.1:\(port) ssl")
      try replace("/etc/ssl/certs/heddle.pem", "\(folder)/certificate.pem")
      try replace("/etc/ssl/private/heddle.key", "\(folder)/key.pem")
      try replace("/var/log/nginx/", "\(folder)/")
      let own = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder)/\($0);" }
      try replace("http {\n", "http {\n" + own.joined(separator: "\n") + "\n")
    case .haproxy:
      // What this process may open.
      try replace("maxconn 32768", "maxconn 500")
      try replace("bind :443", "bind 127.0.0.1:\(port)")
      try replace("/etc/ssl/private/heddle.pem", "\(folder)/both.pem")
    }
    return text
  }

  // MARK: Requests

  /// Asks through the proxy, or what `address` names without it, from an address of this machine.
  func curl(
    _ path: String, from source: String = "127.0.0.9", address: String? = nil, headers: [String] = []
  ) async throws -> (status: Int, text: String) {
    let url = address.map { "http://\($0)\(path)" } ?? "https://127.0.0.1:\(port)\(path)"
    let flags = headers.flatMap { ["-H", $0] }
    let process = try LineProcess(
      "/usr/bin/env",
      [
        "curl", "-s", "--http1.1", "--max-time", "10", "--cacert", certificate, "--interface", source,
        "-w", "\n%{http_code}\n",
      ] + flags + [url])
    try await process.waitForExit()
    let lines = try await process.progress.wait(for: "the answer") { $0.isAtEnd ? $0.lines : nil }
    return (lines.last { !$0.isEmpty }.flatMap { Int($0) } ?? 0, lines.dropLast().joined(separator: "\n"))
  }

  /// How many websockets each server has.
  func connections() async throws -> [Int?] {
    var counts: [Int?] = []
    for server in servers { counts.append(try await server.metric("heddle_connections")) }
    return counts
  }

  /// On which servers a document is open.
  func places(of workflowID: String) async throws -> [Int] {
    var places: [Int] = []
    for (index, server) in servers.enumerated() {
      let rooms = try await server.request("GET", "/api/rooms").body
      if rooms.text.contains(workflowID) { places.append(index) }
    }
    return places
  }
}
