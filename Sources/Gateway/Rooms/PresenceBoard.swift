import Rooms
import Storage

/// Tells the database who has documents open here, for plans that are made elsewhere. Confined to the loop's thread.
///
/// With every tick at most one statement is under way, for all documents together, and only where something changed or has to
/// be renewed.
final class PresenceBoard {
  private struct Entry {
    var presence: DocumentPresence
    var writtenAt: Rooms.Milliseconds
    var namesReadAt: Rooms.Milliseconds
  }

  private let store: Store
  private let loop: EventLoop
  private let node: String
  private let renewal: Rooms.Milliseconds
  /// What the database has, as far as is known.
  private var written: [String: Entry] = [:]
  private var isWriting = false
  private var onClosed: (() -> Void)?

  /// How often names are looked for where nobody came or went, in milliseconds.
  private static let nameInterval: Rooms.Milliseconds = 5000

  init(store: Store, loop: EventLoop) {
    self.store = store
    self.loop = loop
    node = store.nodeID
    renewal = Rooms.Milliseconds(store.presenceRenewal / .milliseconds(1))
  }

  /// Writes what changed since the last time.
  func update(_ hosts: some Collection<RoomHost>, now: Rooms.Milliseconds) {
    guard !isWriting, onClosed == nil, store.status.isReachable else { return }
    var open: Set<String> = []
    var changed: [String: DocumentPresence] = [:]
    for host in hosts where host.name.version == nil && host.room.memberCount > 0 {
      let id = host.name.workflowID
      open.insert(id)
      if let entry = entry(of: host, now) {
        changed[id] = entry.presence
        written[id] = entry
      }
    }
    let gone = written.keys.filter { !open.contains($0) }
    guard !changed.isEmpty || !gone.isEmpty else { return }
    for id in gone { written[id] = nil }
    write(changed, gone: gone)
  }

  /// What is to be written about a document; nil for nothing.
  private func entry(of host: RoomHost, _ now: Rooms.Milliseconds) -> Entry? {
    let count = host.room.memberCount
    guard let known = written[host.name.workflowID] else {
      let presence = DocumentPresence(members: count, names: host.room.memberNames)
      return Entry(presence: presence, writtenAt: now, namesReadAt: now)
    }
    let isDue = now - known.writtenAt >= renewal
    guard isDue || known.presence.members != count || now - known.namesReadAt >= Self.nameInterval else { return nil }
    let presence = DocumentPresence(members: count, names: host.room.memberNames)
    guard isDue || presence != known.presence else {
      written[host.name.workflowID]?.namesReadAt = now
      return nil
    }
    return Entry(presence: presence, writtenAt: now, namesReadAt: now)
  }

  private func write(_ changed: [String: DocumentPresence], gone: [String]) {
    isWriting = true
    let board = Confined(self)
    store.writePresences(changed, gone: gone, node: node) { [loop] result in
      let isWritten = (try? result.get()) != nil
      loop.execute { board.value.finishWrite(isWritten) }
    }
  }

  /// What could not be written is written with the next tick, as if nothing were known.
  private func finishWrite(_ isWritten: Bool) {
    isWriting = false
    if !isWritten { written = [:] }
    if let onClosed { remove(onClosed) }
  }

  /// Takes back everything, and calls `completion` when that is done or cannot be.
  func close(_ completion: @escaping () -> Void) {
    onClosed = completion
    if !isWriting { remove(completion) }
  }

  private func remove(_ completion: @escaping () -> Void) {
    guard store.status.isReachable else { return completion() }
    let done = Confined(completion)
    store.removePresences(node: node) { [loop] _ in
      loop.execute { done.value() }
    }
  }
}
