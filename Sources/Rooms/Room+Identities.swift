import Workflow
import YCRDT
import YProtocol

/// Under which client ids members write, and show themselves.
///
/// A client id belongs to one replica: of what two write under it at the same clocks, each document keeps what it saw first, and
/// the documents differ for ever. So nobody may write under the id of somebody else who is here, nor under the server's. Members
/// also pass on what others wrote (whoever answers step 1 does), which is as it should be: such an edit waits until those others,
/// or the log, have brought the same; then it is no news. What still is one is refused, whole.
extension Room {
  /// Who has a client id.
  struct Holder: Codable {
    let member: MemberID
    /// From whom it was taken over, who had said nothing since the other came: most likely the same client, of whose old
    /// connection nobody knows yet that it is gone.
    var previous: MemberID?
  }

  /// An edit that writes in another name, and what comes behind it, waits.
  struct Detention: Codable {
    let since: Milliseconds
    /// Whether the log was read since then.
    var hasLog = false
  }

  private static let rememberedOwners = 4096

  // MARK: Holding an id

  /// Whether a member may not use a client id: it is the server's, or another one who is here has it.
  func isForeign(_ client: ClientID, to id: MemberID) -> Bool {
    foreignClients(to: id)(client)
  }

  /// Which clients a member may say nothing of, as things are now.
  func foreignClients(to id: MemberID) -> (ClientID) -> Bool {
    { [serverClientID, holders, owners, members] client in
      guard client != serverClientID else { return true }
      guard let holder = holders[client], holder.member != id, let other = members[holder.member],
        let member = members[id]
      else { return false }
      if let mine = member.actor?.id, let theirs = other.actor?.id, mine != theirs { return owners[client] != mine }
      return other.lastHeard > member.joined
    }
  }

  /// From now on the member has the client id, which nobody else has who is here, or who shows that he is.
  mutating func hold(_ client: ClientID, _ id: MemberID) {
    guard holders[client]?.member != id, !isForeign(client, to: id) else { return }
    var previous = holders[client]?.member
    if let other = previous, members[other]?.actor?.id != members[id]?.actor?.id {
      // Somebody else had taken it while its owner was away.
      previous = nil
      dismiss(other, .rejected(Self.forged(client)))
    }
    holders[client] = Holder(member: id, previous: previous.flatMap { members[$0] == nil ? nil : $0 })
    members[id]?.held.append(client)
    guard owners[client] == nil, let owner = members[id]?.actor?.id else { return }
    if owners.count >= Self.rememberedOwners { owners.removeAll() }
    owners[client] = owner
  }

  /// A member says something, so it is there. Who took over an id of it was somebody else.
  mutating func heard(from id: MemberID) {
    members[id]?.lastHeard = now
    for client in members[id]?.held ?? [] {
      guard let holder = holders[client], holder.previous == id else { continue }
      holders[client] = Holder(member: id)
      dismiss(holder.member, .rejected(Self.forged(client)))
    }
  }

  /// The ids of a member that goes are anybody's.
  mutating func letGo(of clients: [ClientID], _ id: MemberID) {
    for client in clients where holders[client]?.member == id {
      let previous = holders[client]?.previous
      holders[client] = previous.flatMap { members[$0] == nil ? nil : Holder(member: $0) }
    }
  }

  private static func forged(_ client: ClientID) -> String {
    "it writes under the client id \(client), which another connection has; each replica writes under an id of its own"
  }

  // MARK: Edits in another name

  /// Whether an edit of this client is one in another's name. Who has not answered step 1 yet, or may not write, does not hold
  /// others up: after a crash all bring what all had.
  private func isForged(_ client: ClientID, by id: MemberID) -> Bool {
    guard isForeign(client, to: id) else { return false }
    guard let holder = holders[client], let other = members[holder.member] else { return true }
    return client == serverClientID || (other.isInStep && !other.isReadOnly)
  }

  /// The client in whose name an edit has something that is not known yet.
  private func forgedClient(in clocks: [ClientID: Range<UInt64>], _ known: StateVector, by id: MemberID) -> ClientID? {
    clocks.first { $0.value.upperBound > known[$0.key] && isForged($0.key, by: id) }?.key
  }

  /// Whether an edit has to wait, or is refused, because of the client ids and clocks that it writes. Nearly always it is of one
  /// client, which its member has.
  mutating func detains(_ update: [UInt8], _ message: Message, from id: MemberID, _ member: Member) -> Bool {
    guard !member.isReadOnly, !member.isTurnedDown else { return false }
    let head = UpdateHead(update)
    let isUsual = head.map { $0.isAlone && holders[$0.client]?.member == id } ?? false
    // What cannot be read is refused where it is applied.
    guard let clocks = isUsual && update.count < Self.smallUpdate ? [:] : try? Update.clocks(of: update) else {
      return false
    }
    let known = clocks.isEmpty ? StateVector() : doc.stateVector
    for (client, range) in clocks where range.upperBound > known[client] {
      guard range.upperBound - known[client] <= configuration.maximumClockJump else {
        statistics.rejectedUpdates += 1
        dismiss(id, .rejected(jump(client, range.upperBound - known[client])))
        return true
      }
    }
    if forgedClient(in: clocks, known, by: id) != nil {
      detain(message, from: id)
      return true
    }
    if let head, head.isAlone, case .update = message, (clocks[head.client]?.upperBound ?? 0) > known[head.client] {
      hold(head.client, id)
    }
    return false
  }

  /// An update of fewer bytes cannot say much, but for clocks that jump; those of a holder harm nobody else.
  private static let smallUpdate = 4096

  private func jump(_ client: ClientID, _ by: UInt64) -> String {
    "the clock of client \(client) jumps by \(by); by more than \(configuration.maximumClockJump) at once it cannot"
  }

  private mutating func detain(_ message: Message, from id: MemberID) {
    members[id]?.detention = Detention(since: now)
    keepForLater(message, from: id)
    // What the server wrote is in the log before anybody has it.
    needsLog = true
    advance()
  }

  /// What the server wrote by then is in the document.
  mutating func logWasRead() {
    for id in members.keys where members[id]?.detention != nil { members[id]?.detention?.hasLog = true }
    reviewDetentions()
  }

  /// Looks again at edits that wait: with every tick, and after the log was read.
  mutating func reviewDetentions() {
    guard isServing else { return }
    for id in members.keys.sorted() {
      guard let member = members[id], let detention = member.detention else { continue }
      let known = doc.stateVector
      guard let forged = forgedClient(of: member, known, id) else {
        members[id]?.detention = nil
        takeUpEarlyMessages(of: id)
        continue
      }
      guard now - detention.since >= configuration.answerTimeout else { continue }
      if forged == serverClientID, !detention.hasLog {
        dismiss(id, .tryAgainLater("it cannot be found out now what the server wrote"))
        continue
      }
      statistics.rejectedUpdates += 1
      dismiss(
        id,
        .rejected(forged == serverClientID ? "it writes under the server's client id \(forged)" : Self.forged(forged)))
    }
  }

  private func forgedClient(of member: Member, _ known: StateVector, _ id: MemberID) -> ClientID? {
    for message in member.early {
      guard let edit = message.edit, let clocks = try? Update.clocks(of: edit) else { continue }
      if let client = forgedClient(in: clocks, known, by: id) { return client }
    }
    return nil
  }

  // MARK: State vectors

  /// Whether a state vector is none that a replica of this document has.
  func isOutOfProportion(_ stateVector: [UInt8]) -> Bool {
    // Two numbers of at least a byte for each client.
    stateVector.count / 2 > configuration.maximumClients
      && UpdateHead.count(stateVector).map { $0 > 2 * UInt64(configuration.maximumClients) } ?? true
  }

  // MARK: Quotas

  /// The limits for what members send. What the server writes, and what is stored already, has those of the engine.
  var memberLimits: DocLimits {
    var limits = DocLimits()
    limits.contentBytes = min(limits.contentBytes, configuration.maximumContentBytes)
    limits.clients = min(limits.clients, configuration.maximumClients)
    limits.types = min(limits.types, configuration.maximumTypes)
    limits.structsPerUpdate = min(limits.structsPerUpdate, configuration.maximumStructsPerUpdate)
    limits.pendingBytes = min(limits.pendingBytes, configuration.maximumIncompleteBytes)
    limits.acceptsCrossedOrigins = false
    return limits
  }

  /// The document has no room for an edit. Its member keeps it, hears why it is not stored, and what it sends from then on builds
  /// on what is not here: nothing more is taken of it until it comes again.
  mutating func turnDown(_ id: MemberID, because limit: String) {
    statistics.rejectedUpdates += 1
    members[id]?.isTurnedDown = true
    let reason =
      switch limit {
      case "contentBytes": "it may have \(configuration.maximumContentBytes) bytes of content"
      case "clients": "\(configuration.maximumClients) clients may have written in it"
      default: "it may have \(configuration.maximumTypes) \(limit)"
      }
    effects.append(
      .send(id, .permissionDenied(reason: "this document is full: \(reason). What you wrote last is not stored")))
  }
}

extension Message {
  /// The update of an edit, nil of anything else.
  fileprivate var edit: [UInt8]? {
    switch self {
    case .update(let update), .syncStep2(let update): update
    default: nil
    }
  }
}

extension UpdateError {
  /// The limit that would be exceeded; empty where it is about something else.
  var limit: String { if case .limit(let name) = reason { name } else { "" } }

  /// Whether the document is full, and not this update too large.
  var isAboutTheDocument: Bool { ["contentBytes", "clients", "types", "keys"].contains(limit) }
}
