import Logging
import Synchronization

/// The thread that says that this node is there, and finds out who else is.
final class NodeRegistry: Sendable {
  private struct State {
    var others: Set<String> = []
    var isStopping = false
    /// What tells this database from others, once it is known.
    var installation: String?
    var address: String
  }

  let id: String
  private let configuration: StoreConfiguration
  private let node: NodeConfiguration
  private let health: Health
  private let state: Monitor<State>

  init(id: String, configuration: StoreConfiguration, node: NodeConfiguration, health: Health) {
    self.id = id
    self.configuration = configuration
    self.node = node
    self.health = health
    state = Monitor(State(address: node.address))
  }

  /// Who else is there, as far as is known.
  var others: Set<String> { state.read { $0.others } }

  var hasOthers: Bool { state.read { !$0.others.isEmpty } }

  /// Says where this node can be reached; with the next sign of life.
  func setAddress(_ address: String) { state.change { $0.address = address } }

  /// Another node spoke: so it is there, before it was seen in the database.
  func heard(from other: String) {
    guard other != id, !state.read({ $0.others.contains(other) }) else { return }
    state.change { _ = $0.others.insert(other) }
  }

  /// Another node said that it ends.
  func left(_ other: String) {
    state.change { _ = $0.others.remove(other) }
  }

  func stop() { state.change { $0.isStopping = true } }

  /// Gives signs of life until it is stopped. `begin` is called once, when the node is registered; `gone` for each node that was
  /// there and is not any more.
  func run(begin: (_ installation: String) -> Void, gone: (String) -> Void) {
    let session = Session(configuration, role: "node", health: health)
    var hasBegun = false
    var wait = Duration.zero
    while state.wait(for: wait, until: { $0.isStopping ? true : nil }) == nil {
      do {
        let missing = try session.perform { try self.renew($0) }
        health.gaveSignOfLife()
        wait = node.lease / 3
        if !hasBegun, let installation = state.read({ $0.installation }) {
          hasBegun = true
          begin(installation)
        }
        for other in missing.sorted() { gone(other) }
      } catch {
        wait = max(session.delay, .milliseconds(50))
      }
    }
    // Who cannot say goodbye is missed after the lease.
    try? session.perform { try NodeTable.remove(self.id, $0) }
  }

  /// Returns those who are gone.
  private func renew(_ connection: PostgresConnection) throws -> Set<String> {
    if state.read({ $0.installation }) == nil {
      let installation = try NodeTable.installation(connection)
      state.change { $0.installation = installation }
    }
    let before = others
    try NodeTable.renew(id, node, address: state.read { $0.address }, connection)
    try NodeTable.removeGone(connection)
    let now = try NodeTable.others(than: id, connection)
    return state.change { state in
      // Who was heard of meanwhile is looked for the next time.
      let gone = before.intersection(state.others).subtracting(now)
      state.others = state.others.subtracting(gone).union(now)
      return gone
    }
  }
}
