import Foundation
import TestSupport
import Testing

/// The primary dies under load and its standby takes over; the server's address names both.
extension Interop {
  @Suite struct FailoverTests {
    private static let seed =
      ProcessInfo.processInfo.environment["HEDDLE_TEST_SEED"].flatMap { UInt64($0) } ?? 20_261_124

    /// The standby has all that was acknowledged: nothing is lost, also in the rows.
    @Test func aSynchronousStandbyHasEverything() async throws {
      let site = try await FailoverSite(isSynchronous: true, seed: Self.seed)
      try await play(on: site, "failover to a synchronous standby") {}
    }

    /// The standby lacks what clients were told is stored. They still have it, and so has the server: it comes to the new primary, once.
    @Test func whatAStandbyLacksIsBroughtBack() async throws {
      let site = try await FailoverSite(isSynchronous: false, seed: Self.seed)
      // Somebody who has left when it happens: only the server still has this.
      let left = try await ScriptedClient.joined(.node, site.document.sample, on: site.server)
      try await play(on: site, "failover to a standby that lags") {
        site.databases.stream.become(.stalled)
        try await left.edit(.type("<left-1>", into: site.document.sample.body, at: 0))
        try await left.acknowledge()
        try await left.stop()
        let told = site.document.members.map { $0.current.acknowledged }
        for (member, before) in zip(site.document.members, told) {
          try await until("\(member.name) is told that more is stored") {
            member.current.acknowledged > before + 3
          }
        }
      }
    }

    private func play(on site: FailoverSite, _ name: String, before: () async throws -> Void) async throws {
      var end = ContinuousClock.now
      do {
        try await site.underLoad {
          try await Task.sleep(for: .seconds(2))
          try await before()
          end = .now
          try site.databases.failOver()
          try await until("the server knows", limit: .seconds(60)) {
            try await site.server.metric("heddle_database_failovers_total") == 1
          }
          try await Task.sleep(for: .seconds(2))
        }
        var report = try await site.settle(since: end)
        if name.hasSuffix("lags") {
          let body = try await site.document.members[0].client.value(at: site.document.sample.body).string ?? ""
          #expect(body.contains("<left-1>"), "what only the server had")
        } else {
          try site.document.checkRows(PlainConnection(site.databases.standbyAddress), seed: Self.seed, &report)
        }
        try await site.checkTheLogAlone(&report)
        print(report.row(name))
        #expect(report.edits > 0 && report.saves > 0)
        #expect(try site.server.log().contains("another database answers than before"))
      } catch {
        Issue.record("seed \(Self.seed): \(error)\n\((try? site.server.log())?.suffix(3000) ?? "")")
      }
      try await site.stop()
    }
  }
}
