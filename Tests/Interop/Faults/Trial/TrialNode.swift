import TestSupport

/// One of several servers: it is killed, stays away, and comes back where it was.
final class TrialNode: Sendable {
  let number: Int
  private let arguments: [String]
  private let state: Watched<State>

  private struct State: Sendable {
    var server: HeddleServer
    var isUp = true
    var peakMemory = 0
  }

  init(number: Int, arguments: [String]) async throws {
    self.number = number
    self.arguments = arguments
    state = Watched(State(server: try await HeddleServer(arguments: arguments)))
  }

  /// The server; where the node is away, the one that was killed.
  var server: HeddleServer { state.current.server }
  var isUp: Bool { state.current.isUp }
  /// The most memory that a process of it had, in bytes.
  var peakMemory: Int { max(state.current.peakMemory, isUp ? server.peakMemory : 0) }

  func kill() async throws {
    notePeak()
    state.update { $0.isUp = false }
    try await server.kill()
  }

  /// Ends it as a service manager does; its data stay.
  func terminate() async throws {
    notePeak()
    state.update { $0.isUp = false }
    try await server.terminate()
  }

  func comeBack() async throws {
    let old = server
    let new = try await HeddleServer(data: old.data, arguments: arguments, port: old.port)
    state.update { state in
      state.server = new
      state.isUp = true
    }
  }

  private func notePeak() {
    let peak = server.peakMemory
    state.update { $0.peakMemory = max($0.peakMemory, peak) }
  }

  func stop() async throws {
    if isUp { try await server.stop() }
  }
}
