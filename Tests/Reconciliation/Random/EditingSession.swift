import Reconciliation
import TestSupport
import Testing
import Workflow
import YCRDT

/// A server's document with several editors on it, an importer, and a network that delivers when it likes: in order per
/// connection, some updates twice.
struct EditingSession {
  private(set) var server: Doc
  private(set) var base: Base
  private(set) var rows: WorkflowRows
  let serverID: ClientID
  var clients: [Member] = []
  var source: RandomWorkflow<SeededGenerator>
  let seed: UInt64

  /// One editor, with what is on its way to it and from it.
  struct Member {
    let client: EditingClient
    var toServer: [[UInt8]] = []
    var fromServer: [[UInt8]] = []
    /// Every character this editor wrote, and the text it wrote it to.
    var written: [Character: YText] = [:]
  }

  /// Characters that somebody took out: an editor, or the database.
  private var removed: Set<Character> = []

  init(seed: UInt64, members: Int) throws {
    self.seed = seed
    source = RandomWorkflow(SeededGenerator(seed: seed))
    let content = source.content()
    let seeded = try MergeCase.seeded(content)
    (server, base, serverID) = (seeded.doc.fork(clientID: 1), seeded.base, seeded.doc.clientID)
    rows = WorkflowRows(content: content, projectID: "p", lockVersion: 1, revision: 1)
    clients = (0..<members).map { Member(client: EditingClient(doc: server.fork(clientID: 1 << 25 + UInt64($0)))) }
  }

  // MARK: Steps

  mutating func step() throws {
    let member = Int.random(in: clients.indices, using: &source.random)
    switch Int.random(in: 0..<20, using: &source.random) {
    case 0..<9: try edit(member)
    case 9..<12: try deliverToServer(member)
    case 12..<15: try deliver(member)
    case 15..<18: source.importChange(&rows.content, live: LiveContent.read(server))
    case 18: try reconcile()
    default: if source.chance(20) { try save() } else { try reconcile() }
    }
  }

  private mutating func edit(_ index: Int) throws {
    let doc = clients[index].client.doc
    let (known, before) = (doc.stateVector, bodies(of: doc))
    var updates: [[UInt8]] = []
    let subscription = doc.observeUpdates { updates.append($0.update) }
    if source.chance(70) {
      try doc.transact { try clients[index].client.type(&source) }
    } else {
      try clients[index].client.edit(&source)
    }
    subscription.cancel()
    #expect(known != doc.stateVector || updates.isEmpty || !updates[0].isEmpty)
    clients[index].toServer += updates
    let after = bodies(of: doc)
    for (character, text) in after where before[character] == nil { clients[index].written[character] = text }
    removed.formUnion(Set(before.keys).subtracting(after.keys))
  }

  private mutating func deliverToServer(_ index: Int) throws {
    guard !clients[index].toServer.isEmpty else { return }
    let update = source.chance(10) ? clients[index].toServer[0] : clients[index].toServer.removeFirst()
    try server.apply(update)
    for other in clients.indices where other != index { clients[other].fromServer.append(update) }
  }

  private mutating func deliver(_ index: Int) throws {
    guard !clients[index].fromServer.isEmpty else { return }
    let update = source.chance(10) ? clients[index].fromServer[0] : clients[index].fromServer.removeFirst()
    try clients[index].client.doc.apply(update)
  }

  /// Merges the rows as a node does: on a fork, whose one update then goes to the document and to everybody.
  mutating func reconcile() throws {
    rows.revision += 1
    let database = State(rows.content)
    let oracle = Merge3.run(base: State(base.content), live: State(server), database: database)
    let before = Set(bodies(of: server).keys)
    let result = try onFork { [rows, base, seed] fork in
      let result = try Reconciler().merge(rows: rows, base: base, into: fork)
      expectAgreement(result, fork, with: oracle, database: database, "seed \(seed)")
      return result
    }
    expectSoundBase(result.base)
    base = result.base
    let known = Set(base.content.jobs.flatMap(\.body))
    let lost = before.subtracting(bodies(of: server).keys)
    #expect(lost.isDisjoint(with: known), "seed \(seed): the merge lost \(lost)")
    removed.formUnion(lost)
  }

  /// Writes what the document shows to the rows.
  mutating func save() throws {
    rows.content = try WorkflowDocument.extract(server)
    rows.revision += 1
    rows.lockVersion += 1
    let result = try onFork { [rows] fork in try Reconciler().reset(fork, to: rows) }
    #expect(!Reconciler().isDirty(server, base: result.base), "seed \(seed): dirty after a save")
    expectSoundBase(result.base)
    base = result.base
  }

  private mutating func onFork(_ body: (Doc) throws -> Reconciliation) throws -> Reconciliation {
    let fork = server.fork(clientID: serverID)
    var updates: [[UInt8]] = []
    let subscription = fork.observeUpdates { updates.append($0.update) }
    let result = try body(fork)
    subscription.cancel()
    #expect(updates.count <= 1, "seed \(seed): more than one update")
    #expect(result.changed == !updates.isEmpty, "seed \(seed)")
    for update in updates {
      try server.apply(update)
      for index in clients.indices { clients[index].fromServer.append(update) }
    }
    return result
  }

  // MARK: Checks

  /// Delivers everything, reconciles, delivers that; then all must agree and nothing may be lost.
  mutating func settle() throws {
    try deliverAll()
    if isAmbiguous { return }
    try reconcile()
    try deliverAll()
    let shown = State(server)
    for member in clients {
      #expect(State(member.client.doc) == shown, "seed \(seed): replicas differ")
      #expect(member.client.doc.stateVector == server.stateVector, "seed \(seed)")
    }
    let left = Set(bodies(of: server).keys)
    for member in clients {
      for (character, text) in member.written where !text.isDeleted && !removed.contains(character) {
        #expect(left.contains(character), "seed \(seed): \(character) was written, nobody removed it, and it is gone")
      }
    }
    let fork = server.fork(clientID: serverID)
    let again = try Reconciler().merge(rows: rows, base: base, into: fork)
    #expect(!again.changed && again.conflicts.isEmpty && again.base == base, "seed \(seed): not silent")
    #expect(fork.encodeStateAsUpdate() == server.encodeStateAsUpdate(), "seed \(seed): not silent")
  }

  /// Whether a text has a character twice, or two editors added one id: cases the oracle does not know.
  var isAmbiguous: Bool {
    let content = LiveContent.read(server)
    let ids = content.jobs.map(\.id) + content.triggers.map(\.id) + content.edges.map(\.id)
    return content.jobs.contains { Set($0.body).count != $0.body.count } || Set(ids).count != ids.count
  }

  private mutating func deliverAll() throws {
    while clients.contains(where: { !$0.toServer.isEmpty || !$0.fromServer.isEmpty }) {
      for index in clients.indices {
        try deliverToServer(index)
        try deliver(index)
      }
    }
  }

  /// The base's ids must spell the base's texts, as far as the texts are those the base was made of.
  private func expectSoundBase(_ base: Base) {
    for element in server.array("jobs").elements {
      guard let map = element.map, let text = map["body"]?.text, let id = map["id"]?.value?.string,
        let body = base.content.jobs.first(where: { $0.id == id })?.body
      else { continue }
      let count = text.count(of: base.ids)
      guard count > 0 || body.isEmpty else { continue }
      #expect(count == body.utf16.count, "seed \(seed): the base of \(id) has \(count) ids for \(body)")
      guard count == body.utf16.count else { continue }
      var units = Array(body.utf16)
      for change in text.changes(since: base.ids).reversed() {
        units.replaceSubrange(change.range, with: change.replacement.utf16)
      }
      #expect(
        String(decoding: units, as: UTF16.self) == text.string, "seed \(seed): the base's ids spell something else")
    }
  }

  private func bodies(of doc: Doc) -> [Character: YText] {
    var result: [Character: YText] = [:]
    for element in doc.array("jobs").elements {
      guard let text = element.map?["body"]?.text else { continue }
      for character in text.string { result[character] = text }
    }
    return result
  }
}
