import TestSupport
import Testing
import Workflow

/// A real client in a bad network that writes down what it typed, and what of that was acknowledged.
///
/// What it types are tokens that nobody removes: each has to be in the text once, also when nobody was told that it is stored, since its
/// client brings it back.
final class FaultMember: Sendable {
  let name: String
  let client: ScriptedClient
  /// The way between it and its server.
  let link: FaultyLink
  private let ledger = Watched(Ledger())

  /// What a member did and what it was told.
  struct Ledger: Sendable {
    var typed = 0
    /// How many of the tokens, from the first on, are known to be stored.
    var acknowledged = 0
    var confirmations: [Confirmation] = []
    /// When it first asked what nobody has answered yet.
    var waitingSince: ContinuousClock.Instant?
    var failures: [String] = []
  }

  /// It was told that all it had typed is stored.
  struct Confirmation: Sendable {
    /// When it first asked, if it had to ask again.
    var waitingSince: ContinuousClock.Instant
    var asked: ContinuousClock.Instant
    var answered: ContinuousClock.Instant
  }

  init(_ kind: ScriptedClient.Kind, number: Int, link: FaultyLink) throws {
    name = "\(kind.rawValue.prefix(1))\(number)"
    client = try ScriptedClient(kind)
    self.link = link
  }

  var current: Ledger { ledger.current }

  /// Connects and waits until it has everything.
  func join(_ sample: SampleWorkflow) async throws {
    try await client.open("ws://127.0.0.1:\(link.port)/collab", sample.document)
    try await client.wait(.synced(), limit: .seconds(30))
  }

  /// Types, and now and then asks what is stored, until it is told to stop. That the network is away is no reason not to type.
  /// `pause` says how many milliseconds it thinks before each edit.
  func work(
    _ sample: SampleWorkflow, seed: UInt64, pause: ClosedRange<Int>? = nil, until isOver: @Sendable () -> Bool
  ) async throws {
    var random = SeededGenerator(seed: seed)
    while !isOver() {
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        if let pause { try await Task.sleep(for: .milliseconds(Int.random(in: pause, using: &random))) }
        try await write(sample, &random)
      }
      await confirm(limit: .milliseconds(1500))
    }
  }

  private func write(_ sample: SampleWorkflow, _ random: inout SeededGenerator) async throws {
    let token = ledger.update { ledger in
      ledger.typed += 1
      return Self.token(name, ledger.typed)
    }
    let place = Bool.random(using: &random) ? 0 : -1
    let edit = Edit.type(token, into: sample.body, at: place)
    switch Int.random(in: 0..<16, using: &random) {
    case 0:
      // Others set this one as well.
      let name = JSONValue.string("Store \(current.typed)")
      try await client.edit(edit, .set(["jobs", ["id": .string(sample.secondJobID)]], "name", name))
    case 1...4:
      let node = Bool.random(using: &random) ? sample.firstJobID : sample.secondJobID
      let x = Int.random(in: 0..<1000, using: &random)
      try await client.edit(edit, .set(["positions"], node, ["x": JSONValue(x), "y": 0]))
    default: try await client.edit(edit)
    }
  }

  /// Asks whether all that was typed so far is stored, and notes it where the answer comes in time.
  func confirm(limit: Duration) async {
    let (typed, asked) = (current.typed, ContinuousClock.now)
    ledger.update { $0.waitingSince = $0.waitingSince ?? asked }
    let milliseconds = Int(limit / .milliseconds(1))
    do {
      try await client.perform("confirm", ["limit": JSONValue(milliseconds)], limit: limit + .seconds(20))
      ledger.update { ledger in
        ledger.acknowledged = max(ledger.acknowledged, typed)
        ledger.confirmations.append(
          Confirmation(waitingSince: ledger.waitingSince ?? asked, asked: asked, answered: .now))
        ledger.waitingSince = nil
      }
    } catch {
      ledger.update { $0.failures.append("\(error)") }
    }
  }

  /// The tokens that were typed, and those of which it is known that they are stored.
  var typed: [String] { (0..<current.typed).map { Self.token(name, $0 + 1) } }
  var acknowledged: [String] { (0..<current.acknowledged).map { Self.token(name, $0 + 1) } }

  private static func token(_ name: String, _ number: Int) -> String { "<\(name)-\(number)>" }

  /// The codes with which its connections were closed, one for each.
  func closeCodes() async throws -> [Int] {
    (try await client.summary()["closes"]?.array ?? []).compactMap { $0["code"]?.integer }
  }
}
