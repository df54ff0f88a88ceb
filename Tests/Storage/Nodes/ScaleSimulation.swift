import TestSupport

@testable import Storage

/// What servers say to each other, and what that makes them read, on a clock of its own: people come and go nowhere, type, and
/// move their cursors; each server commits what came in since its last commit and says what grew. What is said is made by the
/// same code as in a server.
struct ScaleSimulation {
  struct Options {
    var nodes: Int
    /// Documents that there are; one in fifty is open.
    var documents: Int
    /// Whether a balancer sends everybody of a document to the same server.
    var isHashed: Bool
    /// Whether a server hears only of what it has open.
    var separatesDocuments: Bool
    var seconds = 10
  }

  /// What one server has to do in a second, on average; `highest` of the one that has most of it.
  struct Load {
    var commits = 0.0
    var published = 0.0
    var publishedBytes = 0.0
    var received = 0.0
    var receivedBytes = 0.0
    /// Reads of the log that hints bring about.
    var reads = 0.0
    var highestReads = 0.0
  }

  private struct Node {
    var outbox = Outbox()
    var grown: Set<Int> = []
    var shown: [Int: Int] = [:]
    var (commits, published, publishedBytes, received, receivedBytes, reads) = (0, 0, 0, 0, 0, 0)
  }

  /// A group commit takes this long, and what comes in meanwhile goes into the next.
  private static let commitMilliseconds = 4
  private static let turnMilliseconds = 50
  /// A name, a colour and a caret.
  private static let stateBytes = 180
  /// Of the members so many type, this often in a second; their carets move with it.
  private static let (typing, typedPerSecond) = (0.1, 3.0)

  private let options: Options
  private var random: SeededGenerator
  private var nodes: [Node]
  /// Per member the document and the server.
  private var members: [(document: Int, node: Int)] = []
  /// Per document the servers that have it open.
  private var homes: [[Int]] = []
  private var sequence: Int64 = 0

  init(_ options: Options, seed: UInt64) {
    self.options = options
    random = SeededGenerator(seed: seed)
    nodes = Array(repeating: Node(), count: options.nodes)
    let open = max(1, options.documents / 50)
    homes = Array(repeating: [], count: open)
    for document in 0..<open {
      for _ in 0..<memberCount() {
        let node = options.isHashed ? document % options.nodes : Int.random(in: 0..<options.nodes, using: &random)
        members.append((document, node))
        if !homes[document].contains(node) { homes[document].append(node) }
      }
    }
  }

  /// Mostly one, sometimes a class.
  private mutating func memberCount() -> Int {
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<70: 1
    case 70..<90: 2
    case 90..<98: 3
    default: 10
    }
  }

  mutating func run() -> Load {
    let edits = Double(members.count) * Self.typing * Self.typedPerSecond
    var debt = 0.0
    for time in stride(from: 0, to: options.seconds * 1000, by: Self.commitMilliseconds) {
      debt += edits * Double(Self.commitMilliseconds) / 1000
      while debt >= 1 {
        debt -= 1
        let member = members[Int.random(in: 0..<members.count, using: &random)]
        nodes[member.node].grown.insert(member.document)
        nodes[member.node].shown[member.document, default: 0] += 1
      }
      let isTurn = time % Self.turnMilliseconds < Self.commitMilliseconds
      for node in nodes.indices { step(node, isTurn: isTurn) }
    }
    return load
  }

  private mutating func step(_ index: Int, isTurn: Bool) {
    let grown = nodes[index].grown
    nodes[index].grown = []
    if !grown.isEmpty {
      nodes[index].commits += 1
      sequence += 1
      let growth = grown.map { DocumentGrowth(workflowID: Self.id($0), sequence: sequence) }
      if options.nodes > 1 { nodes[index].outbox.add(.grew(growth)) }
      for document in grown { for node in homes[document] where node != index { nodes[node].reads += 1 } }
    }
    if isTurn, options.nodes > 1 {
      for (document, count) in nodes[index].shown {
        let update = [UInt8](repeating: 0x61, count: min(count, 20) * Self.stateBytes)
        nodes[index].outbox.add(.shown(update, in: Self.id(document)))
      }
      nodes[index].shown = [:]
    }
    guard !nodes[index].outbox.isEmpty else { return }
    publish(from: index)
  }

  private mutating func publish(from index: Int) {
    let limit = options.separatesDocuments ? 1 << 20 : 7900
    for message in nodes[index].outbox.take(separatingDocuments: options.separatesDocuments) {
      let receivers =
        options.separatesDocuments
        ? message.document.flatMap { Int($0.suffix(12)) }.map { homes[$0] } ?? Array(nodes.indices)
        : Array(nodes.indices)
      for text in message.texts(from: Self.id(index), limit: limit) {
        nodes[index].published += 1
        nodes[index].publishedBytes += text.utf8.count
        // Its own messages a server hears as well, and drops.
        for receiver in receivers {
          nodes[receiver].received += 1
          nodes[receiver].receivedBytes += text.utf8.count
        }
      }
    }
  }

  private static func id(_ number: Int) -> String {
    let digits = String(number)
    return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
  }

  private var load: Load {
    let share = 1 / Double(options.seconds) / Double(nodes.count)
    var load = Load()
    for node in nodes {
      load.commits += Double(node.commits) * share
      load.published += Double(node.published) * share
      load.publishedBytes += Double(node.publishedBytes) * share
      load.received += Double(node.received) * share
      load.receivedBytes += Double(node.receivedBytes) * share
      load.reads += Double(node.reads) * share
      load.highestReads = max(load.highestReads, Double(node.reads) / Double(options.seconds))
    }
    return load
  }
}
