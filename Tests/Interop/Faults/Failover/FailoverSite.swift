import TestSupport
import Testing
import Workflow

/// A server on a primary and its standby, with real clients of all four protocols that type.
final class FailoverSite: Sendable {
  let databases: PrimaryAndStandby
  let server: HeddleServer
  let document: LoadedDocument
  private let seed: UInt64
  private let isOver = Watched(false)

  init(isSynchronous: Bool, seed: UInt64) async throws {
    self.seed = seed
    databases = try await PrimaryAndStandby(isSynchronous: isSynchronous, seed: seed)
    server = try await HeddleServer(arguments: [
      "--database-url", databases.conninfo, "--statement-timeout", "5s", "--answer-grace", "1s", "--poll-interval",
      "1s",
    ])
    let sample = try await SampleWorkflow.imported(into: server)
    var members: [FaultMember] = []
    for (number, kind) in ScriptedClient.Kind.allCases.enumerated() {
      let link = try FaultyLink(to: .port(server.port), seed: seed + UInt64(number))
      members.append(try FaultMember(kind, number: number, link: link))
    }
    document = LoadedDocument(sample, members: members)
    for member in members { try await member.join(sample) }
  }

  /// Has everybody type, and somebody save, while something happens.
  func underLoad(_ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, member) in document.members.enumerated() {
        group.addTask { [self] in
          try await member.work(document.sample, seed: seed &* 100 &+ UInt64(number), pause: 20...120) {
            self.isOver.current
          }
        }
      }
      group.addTask { [self] in
        while !isOver.current {
          await document.save(on: server)
          try await Task.sleep(for: .milliseconds(300))
        }
      }
      defer { isOver.update { $0 = true } }
      try await body()
      isOver.update { $0 = true }
      try await group.waitForAll()
    }
  }

  /// Waits until everything is stored, and looks at it from all sides.
  func settle(since: ContinuousClock.Instant) async throws -> FaultReport {
    var report = FaultReport()
    let members = document.members
    for member in members {
      await member.confirm(limit: .seconds(60))
      #expect(
        member.current.acknowledged == member.current.typed,
        "\(member.name), seed \(seed): \(member.current.failures.suffix(2))")
      report.closeCodes.formUnion(try await member.closeCodes())
    }
    let answers = members.compactMap { $0.current.confirmations.first { $0.asked >= since }?.answered }
    report.recovery = answers.max().map { $0 - since }
    report.edits = members.reduce(0) { $0 + $1.current.typed }
    report.saves = document.done.saves
    try await UnmergedRows.awaitNone(in: databases.standbyAddress)
    document.check(
      try await Replicas.awaitEqual(document, on: [server]), at: "all replicas", seed: seed, &report)
    let (status, answer) = try await server.request("POST", "/api/workflows/\(document.sample.id)/save")
    #expect(status == 200, "\(answer.text)")
    let saved = try await Replicas.awaitEqual(document, on: [server])
    try Replicas.expectRows(equal: saved, document.sample, PlainConnection(databases.standbyAddress), seed: seed)
    report.peakMemory = server.peakMemory
    return report
  }

  /// What a server reads that knew nothing before, from the database that took over.
  func checkTheLogAlone(_ report: inout FaultReport) async throws {
    let fresh = try await HeddleServer(arguments: ["--database-url", databases.standbyAddress])
    let live = try await document.sample.live(on: fresh)["data"] ?? .null
    document.check(live, at: "a server that was started anew", seed: seed, &report)
    try await fresh.stop()
    try await Doctor.expectNoDifferences(databases.standbyAddress)
  }

  func stop() async throws {
    for member in document.members {
      try await member.client.stop()
      member.link.close()
    }
    try await server.stop()
    databases.stop()
  }
}
