import Rooms
import Storage
import Workflow
import YProtocol

/// A room on a store, without event loop and sockets: does what the room wants done, one thing after the other.
final class RoomDriver {
  private let name: DocumentName
  private let store: Store
  private var room: Room
  private var effects: [Room.Effect] = []
  private var isClosed = false
  /// What the room has committed since this was last set to nil.
  var commit: ServerCommit?

  init(_ name: DocumentName, _ store: Store) {
    (self.name, self.store) = (name, store)
    room = Room(name: name)
  }

  /// Gives the room an event and does all that follows from it.
  func handle(_ event: Room.Event) throws {
    var events = [event]
    while !events.isEmpty {
      room.handle(events.removeFirst(), now: 0, effects: &effects)
      for effect in effects { try events += answers(to: effect) }
      effects.removeAll(keepingCapacity: true)
    }
  }

  /// Has everything stored, and ends.
  func close() throws {
    try handle(.drain)
    precondition(isClosed, "the room has something left to do")
  }

  private func answers(to effect: Room.Effect) throws -> [Room.Event] {
    switch effect {
    case .load:
      guard let document = try store.wait({ store.open(name, $0) }) else { return [.loadFailed(.unavailable)] }
      return [.loaded(document)]
    case .append(let update, let index, let author):
      return [.appended(through: index, sequence: try store.wait { store.append(name, update, by: author, $0) })]
    case .readLog(let sequence): return [.logRead(try store.wait { store.readLog(name, after: sequence, $0) })]
    case .readRows: return [.rowsRead(try store.wait { store.readRows(name.workflowID, $0) })]
    case .commit(let commit):
      self.commit = commit
      guard case .committed(let result) = try store.wait({ store.commit(commit, $0) }) else { return [.storeFailed] }
      return [.committed(result)]
    case .checkpoint(let state, let sequence): store.checkpoint(name, state: state, through: sequence)
    case .closeConflicts(let closures): store.closeConflicts(name, closures)
    case .unload: isClosed = true
    case .send, .broadcast, .close, .reply, .setAside, .keepBranch, .wantsToShow, .show, .askWhoIsThere, .askAgain:
      break
    }
    return []
  }
}
