import Foundation
import YProtocol

/// Imports into a workflow that somebody has open: each changes the bodies of some of its jobs.
final class LoadImports {
  private let server: LoadServer
  private let loop = LoadLoop()
  private let project = UUID().uuidString.lowercased()
  private let workflow = UUID().uuidString.lowercased()
  private let jobs: [String]

  private init(_ server: LoadServer, jobs: Int) {
    self.server = server
    self.jobs = (0..<jobs).map { _ in UUID().uuidString.lowercased() }
  }

  /// How long it takes until a member has what an import changed, and until whoever imports has the answer, in milliseconds.
  static func play(_ server: LoadServer, jobs: Int, changed: Int) throws -> String {
    guard server.kind == .heddle else { return "has no imports" }
    return try LoadImports(server, jobs: jobs).play(changed: changed)
  }

  private func play(changed: Int) throws -> String {
    _ = try importing(round: 0, changed: jobs.count, member: nil)
    let member = try loop.connect(1, to: server) { _ in workflow }[0]
    var (told, answered): ([Double], [Double]) = ([], [])
    for round in 1...30 {
      let times = try importing(round: round, changed: changed, member: member)
      told.append(times.told)
      answered.append(times.answered)
    }
    let figures = [told, answered].map { times -> String in
      var times = times
      return Figures.milliseconds(Figures.percentile(&times, 0.5))
    }
    return figures.joined(separator: " / ")
  }

  private func importing(round: Int, changed: Int, member: LoadConnection?) throws -> (told: Double, answered: Double) {
    let known = member?.updates ?? 0
    let begin = Clock.now
    let request = try LoadRequest(port: server.port, path: "/api/provision", body: body(round, changed))
    var (told, answered) = (0.0, 0.0)
    try loop.run("an import", limit: 60) { () throws(LoadFailure) in
      if answered == 0, try request.isAnswered { answered = Clock.now - begin }
      if told == 0, let member, member.updates > known { told = Clock.now - begin }
    } until: {
      answered > 0 && (member == nil || told > 0)
    }
    return (told, answered)
  }

  /// The whole project, as a provisioner sends it. The first jobs have a body of this round.
  private func body(_ round: Int, _ changed: Int) -> String {
    let list = jobs.enumerated().map { index, id in
      let line = "fn(state => ({ ...state, step: \(index), round: \(index < changed ? round : 0) }));"
      return #"{"id":"\#(id)","name":"Job \#(index)","adaptor":"@openfn/language-common@latest","body":"\#(line)"}"#
    }
    let content = #""jobs":[\#(list.joined(separator: ","))],"triggers":[],"edges":[]"#
    return
      #"{"id":"\#(project)","name":"load-\#(project)","workflows":[{"id":"\#(workflow)","name":"Load",\#(content)}]}"#
  }
}

/// A POST whose answer is waited for beside everything else.
private final class LoadRequest {
  private let socket: Int32
  private var head: [UInt8] = []

  init(port: UInt16, path: String, body: String) throws(LoadFailure) {
    socket = try LoadConnection.connected(to: port)
    let request =
      "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
      + body
    var rest = ArraySlice(request.utf8)
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw LoadFailure("cannot send a request: \(String(cString: strerror(errno)))") }
      rest = rest.dropFirst(count)
    }
  }

  deinit { close(socket) }

  /// Whether the first of the answer is there, which has to say that all is well.
  var isAnswered: Bool {
    get throws(LoadFailure) {
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count > 0 { head += buffer[..<count] }
      guard head.count >= 12 else { return false }
      let status = String(decoding: head[9..<12], as: UTF8.self)
      guard status.hasPrefix("2") else { throw LoadFailure("an import was answered with \(status)") }
      return true
    }
  }
}
