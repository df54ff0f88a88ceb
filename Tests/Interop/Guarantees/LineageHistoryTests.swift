import Foundation
import TestSupport
import Testing
import Workflow

extension Interop {
  /// Random histories: people type, come and go, save, and their document loses its history now and then.
  ///
  /// `HEDDLE_TEST_LONG=1` makes many of them.
  @Suite struct LineageHistoryTests {
    static let seeds: Range<UInt64> = ProcessInfo.processInfo.environment["HEDDLE_TEST_LONG"] == nil ? 1..<4 : 1..<60

    /// One history as it goes on.
    private final class History {
      let mortal: MortalServer
      let sample: SampleWorkflow
      var clients: [ScriptedClient] = []
      var random: SeededGenerator
      var log: [String] = []
      private var offline: Set<Int> = []
      private var number = 0
      private var losses = 0

      init(seed: UInt64) async throws {
        random = SeededGenerator(seed: seed)
        mortal = try await MortalServer()
        sample = try await SampleWorkflow.imported(into: mortal.server)
        for kind in ScriptedClient.Kind.allCases {
          clients.append(try await ScriptedClient.joined(kind, sample, on: mortal.server))
        }
      }

      var server: HeddleServer { mortal.server }

      func step() async throws {
        let client = Int.random(in: 0..<clients.count, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5: try await type(client)
        case 5, 6: try await comeOrGo(client)
        case 7:
          log.append("save")
          try await sample.post("save", on: server)
        default: if losses < 2 { try await lose() }
        }
      }

      /// A token at the beginning of some line.
      private func type(_ client: Int) async throws {
        number += 1
        let path = Bool.random(using: &random) ? sample.body : sample.secondBody
        let text = Array((try await clients[client].value(at: path).string ?? "").utf16)
        let starts = [0] + text.indices.filter { text[$0] == 10 }.map { $0 + 1 }
        let place = starts[Int.random(in: 0..<starts.count, using: &random)]
        log.append("\(clients[client].kind) types <token \(number)>")
        try await clients[client].edit(.type("<token \(number)>\n", into: path, at: place))
        if !offline.contains(client), Bool.random(using: &random) { try await settle(clients[client]) }
      }

      private func comeOrGo(_ client: Int) async throws {
        log.append("\(clients[client].kind) \(offline.contains(client) ? "comes" : "goes")")
        if offline.remove(client) != nil {
          try await clients[client].connect()
          try await settle(clients[client])
        } else {
          offline.insert(client)
          try await clients[client].disconnect()
        }
      }

      private func lose() async throws {
        losses += 1
        let change = "update workflows set concurrency = \(losses + 1) where id = '\(sample.id)'"
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
          log.append("renewal")
          try await sample.post("renew", on: server)
        case 1:
          log.append("deletion")
          try await mortal.kill { try $0.run("delete from documents") }
        case 2:
          log.append("deletion and change")
          try await mortal.kill { try $0.run("delete from documents; \(change)") }
        case 3:
          log.append("deletion of everything")
          try await mortal.kill { try $0.run("delete from documents; delete from document_lineages; \(change)") }
        default:
          log.append("loss of the log")
          try await mortal.kill { try $0.run("delete from document_updates; delete from document_checkpoints") }
          try await sample.post("renew", on: server)
        }
      }

      /// Waits until everything that a client has is stored somewhere.
      func settle(_ client: ScriptedClient) async throws {
        for attempt in 1... {
          do {
            try await client.wait(.connected(true), limit: .seconds(30))
            return try await client.acknowledge(limit: .seconds(5))
          } catch  where attempt < 6 {
            // It lost the connection meanwhile, and comes back.
          }
        }
      }

      func end() async throws {
        for client in offline { try await clients[client].connect() }
        for _ in 0..<2 {
          for client in clients { try await settle(client) }
        }
      }

      func tokens(in text: String) -> [String] {
        text.matches(of: /<token \d+>/).map { String($0.output) }
      }

      func stop() async throws {
        for client in clients { try await client.stop() }
        try await mortal.stop()
      }
    }

    @Test(arguments: seeds)
    func g14_neverDoublesAndNeverLosesWhatWasTyped(seed: UInt64) async throws {
      let history = try await History(seed: seed)
      let (server, sample) = ({ history.server }, history.sample)
      for _ in 0..<14 { try await history.step() }
      try await history.end()
      let story: Comment = "seed \(seed): \(history.log.joined(separator: ", "))"

      var living: Set<String> = []
      for client in history.clients {
        living.formUnion(history.tokens(in: try await client.content().text))
        try await sample.expectNothingDoubled(client, "\(story)")
      }
      let fresh = try await ScriptedClient.joined(.node, sample, on: server())
      let shown = history.tokens(in: try await fresh.content().text)
      #expect(Set(shown).count == shown.count, "doubled; \(story)")
      let branches = try await sample.branches(on: server())
      let kept = branches.flatMap { history.tokens(in: $0["content"]?.text ?? "") }
      #expect(living.subtracting(shown).subtracting(kept).isEmpty, "lost; \(story)")

      for branch in branches { try await sample.post("branches/\(branch["id"]?.integer ?? 0)/merge", on: server()) }
      try await expectConvergence([fresh], on: server(), sample)
      try await sample.expectNothingDoubled(fresh, "\(story)")
      let merged = history.tokens(in: try await fresh.content().text)
      #expect(Set(merged).count == merged.count, "doubled by merging; \(story)")
      // Where it is not known what a branch started from, both texts are in a record.
      let all = "/api/workflows/\(sample.id)/conflicts?status=all&limit=200"
      let (_, conflicts) = try await server().request("GET", all)
      let recorded = history.tokens(in: conflicts.text)
      #expect(living.subtracting(merged).subtracting(recorded).isEmpty, "lost by merging; \(story)")
      try await fresh.stop()
      try await history.stop()
    }
  }
}
