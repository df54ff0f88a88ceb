import Workflow
import YCRDT
import YProtocol

/// What members of other servers show of themselves, and what these are told of members here.
///
/// A room tells others only what its own members say, so that nothing goes round. What gets lost comes again: clients renew what
/// they show, and who is not heard of is gone.
extension Room {
  /// Clients of which other servers do not know the newest.
  struct Unshown: Hashable, Codable {
    /// Above this many it is simpler to tell of everybody.
    static let maximumClients = 1024

    var clients: Set<ClientID> = []
    var isEverybody = false

    var isEmpty: Bool { clients.isEmpty && !isEverybody }
  }

  /// Saved versions have no members that work together.
  private var showsElsewhere: Bool { configuration.showsElsewhere && name.version == nil }

  /// Notes that other servers are to be told of these clients, once there is time.
  mutating func noteShown(_ clients: [ClientID]) {
    guard showsElsewhere, !clients.isEmpty else { return }
    let wasEmpty = unshown.isEmpty
    if !unshown.isEverybody { unshown.clients.formUnion(clients) }
    if unshown.clients.count > Unshown.maximumClients { unshown = Unshown(isEverybody: true) }
    if wasEmpty { effects.append(.wantsToShow) }
  }

  /// Another server wants to know of everybody.
  mutating func showEverything() {
    guard showsElsewhere, isServing, !awareness.clientsHere.isEmpty else { return }
    let wasEmpty = unshown.isEmpty
    unshown = Unshown(clients: unshown.clients, isEverybody: true)
    if wasEmpty { effects.append(.wantsToShow) }
  }

  mutating func askElsewhere() {
    if showsElsewhere { effects.append(.askWhoIsThere) }
  }

  /// Tells other servers what they do not know, in pieces that fit into messages.
  mutating func show() {
    let clients = unshown.clients.union(unshown.isEverybody ? awareness.clientsHere : [])
    unshown = Unshown()
    var piece: [ClientID] = []
    var bytes = 0
    for client in clients.sorted() where !awareness.isElsewhere(client) {
      let size = Self.entryBytes + (awareness[client]?.utf8.count ?? 0)
      if !piece.isEmpty, bytes + size > configuration.maximumShownBytes {
        effects.append(.show(awareness.encoded(piece)))
        (piece, bytes) = ([], 0)
      }
      piece.append(client)
      bytes += size
    }
    if !piece.isEmpty { effects.append(.show(awareness.encoded(piece))) }
  }

  /// What an entry of an awareness update takes beside its state, at most.
  private static let entryBytes = 24

  /// Members of another server show something. What cannot be read is none of it.
  mutating func shownElsewhere(_ update: [UInt8], by node: MemberID) {
    guard showsElsewhere, isServing,
      let change = try? awareness.apply(update, from: node, as: .server, now: now)
    else { return }
    if let news = change.broadcast { tellEverybody(news) }
    // The other server tells its client, which then announces itself anew.
    if let reply = change.reply { effects.append(.show(reply)) }
    for (member, dispute) in change.disputes.sorted(by: { $0.key < $1.key }) {
      effects.append(.send(member, .awareness(dispute)))
    }
  }

  mutating func nodeGone(_ node: MemberID) {
    if let removal = awareness.removeClients(of: node) { tellEverybody(removal) }
  }
}
