import Rooms
import TestSupport
import Workflow
import YCRDT
import YProtocol

/// Rooms of one document on several nodes, and clients that show themselves: messages between nodes get lost, come twice, late
/// and in any order; nodes die, with others hearing of it or not; clients move from node to node.
///
/// In the end everybody has to see everybody who is there, and nobody else.
final class PresenceSimulation {
  enum Word {
    case shown([UInt8])
    case whoIsThere
    case gone
  }

  struct Letter {
    let from: MemberID
    let word: Word
  }

  final class Node {
    var room: Room
    var number: MemberID
    var inbox: [Letter] = []
    var wantsToShow = false

    init(room: Room, number: MemberID) {
      self.room = room
      self.number = number
    }
  }

  final class Client {
    let id: ClientID
    var awareness: ClientAwareness
    /// Where it is connected, and as which member.
    var seat: (node: Int, member: MemberID)?
    /// What it said last: clients that reconnect say it again as it was.
    var lastWord: [UInt8] = []
    var renewAt: Rooms.Milliseconds = 0
    var mail: [[UInt8]] = []

    init(id: ClientID) {
      self.id = id
      awareness = ClientAwareness(client: id)
    }
  }

  static let renewal: Rooms.Milliseconds = 15_000

  private var random: SeededGenerator
  private let store: SimulatedStore
  private(set) var nodes: [Node] = []
  private(set) var clients: [Client] = []
  /// Connections whose client has gone without the server knowing yet.
  private var halfOpen: [(node: Int, number: MemberID, member: MemberID)] = []
  private var now: Rooms.Milliseconds = 100_000
  private var lastNumber: MemberID = 0
  /// Whether nodes hear each other; without it the simulation has to find something wrong.
  private let isDeaf: Bool
  /// How many messages rooms had for other nodes.
  private(set) var shown = 0

  init(seed: UInt64, nodes count: Int, clients: Int, isDeaf: Bool = false) {
    random = SeededGenerator(seed: seed)
    self.isDeaf = isDeaf
    store = SimulatedStore(rows: Plot.rows, fault: nil)
    for _ in 0..<count { nodes.append(newNode()) }
    self.clients = (0..<clients).map { Client(id: ClientID(1000 + $0)) }
    for index in nodes.indices { load(index) }
  }

  private func newNumber() -> MemberID {
    lastNumber += 1
    return lastNumber
  }

  private func newNode() -> Node {
    var configuration = RoomConfiguration()
    configuration.showsElsewhere = true
    configuration.maximumShownBytes = 200
    return Node(
      room: Room(name: store.contents.name, configuration: configuration), number: 1 << 52 | newNumber())
  }

  /// Somebody is always there, so that no room ends.
  private func load(_ index: Int) {
    handle(.join(newNumber(), isReadOnly: true), index)
    handle(.loaded(store.contents.open()), index)
  }

  // MARK: A run

  /// Does random things, then lets messages through and time pass. Returns what is wrong then.
  func run(steps: Int) throws -> [String] {
    for _ in 0..<steps { try step() }
    while let open = halfOpen.popLast() { close(open) }
    for client in clients where client.seat == nil { connect(client) }
    for _ in 0..<4 {
      for _ in 0..<16 { try pass(1000) }
      try deliverEverything()
    }
    let before = shown
    try deliverEverything()
    return faults() + (shown == before ? [] : ["nodes go on telling each other what nobody shows anew"])
  }

  private func faults() -> [String] {
    var faults: [String] = []
    let present = clients.filter { $0.awareness.local != nil }
    for client in clients {
      let expected = Dictionary(
        uniqueKeysWithValues: present.filter { $0.id != client.id }.map { ($0.id, $0.awareness.local ?? "") })
      if client.awareness.others != expected {
        let place = client.seat?.node ?? -1
        faults.append("\(client.id) at node \(place) sees \(client.awareness.others) and not \(expected)")
      }
    }
    return faults
  }

  private func step() throws {
    let index = Int.random(in: 0..<nodes.count, using: &random)
    let client = clients[Int.random(in: 0..<clients.count, using: &random)]
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<25: say(client, client.awareness.show("\"\(client.id) \(Int.random(in: 0..<1000, using: &random))\""))
    case 25..<28: say(client, client.awareness.show(nil))
    case 28..<34: connect(client)
    case 34..<38: disconnect(client)
    case 38..<40: crash(index)
    case 40..<44: if let open = halfOpen.popLast() { close(open) }
    case 44..<52: try pass(Rooms.Milliseconds.random(in: 0..<5000, using: &random))
    case 52..<65: takeTurn(index)
    case 65..<80: try read(client)
    default: deliver(index)
    }
  }

  /// Time passes, and clients renew what they show.
  private func pass(_ duration: Rooms.Milliseconds) throws {
    now += duration
    for index in nodes.indices { handle(.tick, index) }
    for client in clients {
      client.awareness.removeSilentClients(now: now)
      guard client.seat != nil, now >= client.renewAt, let update = client.awareness.renewed() else { continue }
      say(client, update)
    }
  }

  private func deliverEverything() throws {
    var isQuiet = false
    while !isQuiet {
      isQuiet = true
      for index in nodes.indices {
        takeTurn(index)
        while !nodes[index].inbox.isEmpty {
          isQuiet = false
          open(nodes[index].inbox.removeFirst(), index)
        }
      }
      for client in clients where !client.mail.isEmpty {
        isQuiet = false
        try read(client)
      }
    }
  }

  // MARK: Clients

  private func say(_ client: Client, _ update: [UInt8]) {
    client.lastWord = update
    client.renewAt = now + Self.renewal
    if let seat = client.seat { handle(.message(seat.member, .awareness(update)), seat.node) }
  }

  private func connect(_ client: Client) {
    disconnect(client)
    let seat = (node: Int.random(in: 0..<nodes.count, using: &random), member: newNumber())
    client.seat = seat
    handle(.join(seat.member, isReadOnly: true), seat.node)
    if !client.lastWord.isEmpty { handle(.message(seat.member, .awareness(client.lastWord)), seat.node) }
  }

  private func disconnect(_ client: Client) {
    guard let seat = client.seat else { return }
    client.seat = nil
    client.mail = []
    client.awareness.removeOthers()
    let open = (node: seat.node, number: nodes[seat.node].number, member: seat.member)
    if Bool.random(using: &random) { halfOpen.append(open) } else { close(open) }
  }

  private func close(_ open: (node: Int, number: MemberID, member: MemberID)) {
    if nodes[open.node].number == open.number { handle(.leave(open.member), open.node) }
  }

  private func read(_ client: Client) throws {
    let mail = client.mail
    client.mail = []
    for update in mail {
      if let answer = try client.awareness.apply(update, now: now) { say(client, answer) }
    }
  }

  // MARK: Nodes

  private func crash(_ index: Int) {
    let dead = nodes[index].number
    for client in clients where client.seat?.node == index {
      client.seat = nil
      client.mail = []
      client.awareness.removeOthers()
    }
    nodes[index] = newNode()
    load(index)
    for node in nodes where node.number != nodes[index].number { node.inbox.append(Letter(from: dead, word: .gone)) }
  }

  private func takeTurn(_ index: Int) {
    guard nodes[index].wantsToShow else { return }
    nodes[index].wantsToShow = false
    handle(.mayShow, index)
  }

  /// One message arrives, any of them; some get lost, and some come again.
  private func deliver(_ index: Int) {
    let node = nodes[index]
    guard !node.inbox.isEmpty else { return }
    let place = Int.random(in: 0..<node.inbox.count, using: &random)
    let letter = node.inbox[place]
    switch Int.random(in: 0..<6, using: &random) {
    case 0: node.inbox.remove(at: place)
    case 1: open(letter, index)
    default:
      node.inbox.remove(at: place)
      open(letter, index)
    }
  }

  private func open(_ letter: Letter, _ index: Int) {
    switch letter.word {
    case .shown(let update): handle(.shownElsewhere(update, by: letter.from), index)
    case .whoIsThere: handle(.askedWhoIsThere, index)
    case .gone: handle(.nodeGone(letter.from), index)
    }
  }

  private func post(_ word: Word, from index: Int) {
    guard !isDeaf else { return }
    let number = nodes[index].number
    for node in nodes where node.number != number { node.inbox.append(Letter(from: number, word: word)) }
  }

  private func handle(_ event: Room.Event, _ index: Int) {
    var effects: [Room.Effect] = []
    nodes[index].room.handle(event, now: now, effects: &effects)
    for effect in effects {
      switch effect {
      case .wantsToShow: nodes[index].wantsToShow = true
      case .show(let update):
        shown += 1
        post(.shown(update), from: index)
      case .askWhoIsThere: post(.whoIsThere, from: index)
      case .send(let member, .awareness(let update)): mail(update, index) { $0 == member }
      case .broadcast(.awareness(let update), let sender): mail(update, index) { $0 != sender }
      default: break
      }
    }
  }

  private func mail(_ update: [UInt8], _ index: Int, to isReceiver: (MemberID) -> Bool) {
    for client in clients {
      if let seat = client.seat, seat.node == index, isReceiver(seat.member) { client.mail.append(update) }
    }
  }
}
