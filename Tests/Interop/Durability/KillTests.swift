import Foundation
import TestSupport
import Testing
import YCRDT

/// The server is killed in the middle of a writing load, again and again: what was acknowledged is there every time.
///
/// `HEDDLE_TEST_LONG=1` makes a hundred rounds of it.
@Suite(.serialized) struct KillTests {
  private static let document = "workflow:6f1c2a10-5b1e-4c54-9a3e-0d8f5f0a0101"
  private static let sample = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../Samples/sample-project.json").standardized.path
  private static let rounds = ProcessInfo.processInfo.environment["HEDDLE_TEST_LONG"] == nil ? 6 : 100

  @Test func g13_whatWasAcknowledgedSurvivesKill() async throws {
    var random = SeededGenerator(seed: 20_261_121)
    var server = try await HeddleServer(arguments: ["--sample", Self.sample])
    let members = (1...2).map { LedgerMember(prefix: "m\($0)", clientID: 4_000_000_000 + ClientID($0)) }
    for round in 1...Self.rounds {
      for member in members { try member.connect(port: server.port, document: Self.document) }
      let writes = Int.random(in: 20...120, using: &random)
      for _ in 0..<writes {
        for member in members {
          try member.write()
          try member.awaitAcknowledgements(open: 10)
        }
      }
      // Killed with up to ten edits of each member on their way.
      server = try await server.killAndRestart()
      let fresh = LedgerMember(prefix: "fresh", clientID: 4_100_000_000 + ClientID(round))
      try fresh.connect(port: server.port, document: Self.document)
      for member in members {
        #expect(member.missing(in: fresh.doc).isEmpty, "round \(round)")
        #expect(member.acknowledged > 0)
        member.disconnect()
      }
    }
    // What was never acknowledged comes again with its members, and everybody agrees.
    for member in members { try member.connect(port: server.port, document: Self.document) }
    for member in members {
      try member.write()
      try member.awaitAcknowledgements(open: 0)
    }
    let last = LedgerMember(prefix: "last", clientID: 4_200_000_000)
    try last.connect(port: server.port, document: Self.document)
    for member in members {
      #expect(member.missing(in: last.doc).isEmpty)
      #expect(last.doc.stateVector[member.doc.clientID] == member.doc.stateVector[member.doc.clientID])
    }
    let total = members.reduce(0) { $0 + $1.acknowledged }
    print("\(Self.rounds) kills, \(total) acknowledged edits, none lost")
    try await server.stop()
  }

  @Test func g13_whatWasAcknowledgedSurvivesAnImmediateStopOfPostgres() async throws {
    var server = try await HeddleServer(arguments: ["--sample", Self.sample])
    let member = LedgerMember(prefix: "p", clientID: 4_000_000_003)
    for round in 1...(Self.rounds / 2) {
      try member.connect(port: server.port, document: Self.document)
      for _ in 0..<40 {
        try member.write()
        try member.awaitAcknowledgements(open: 10)
      }
      // SIGQUIT is what `pg_ctl stop -m immediate` sends.
      kill(try server.postmaster(), SIGQUIT)
      for _ in 0..<20 { try member.write() }
      // Nothing is given up: when the database is back, all of it is stored and acknowledged.
      try member.awaitAcknowledgements(open: 0)
      server = try await server.killAndRestart()
      let fresh = LedgerMember(prefix: "fresh", clientID: 4_100_001_000 + ClientID(round))
      try fresh.connect(port: server.port, document: Self.document)
      #expect(member.missing(in: fresh.doc).isEmpty, "round \(round)")
      member.disconnect()
    }
    #expect(member.acknowledged > 0)
    try await server.stop()
  }
}

extension HeddleServer {
  var port: UInt16 { address.split(separator: ":").last.flatMap { UInt16($0) } ?? 0 }

  /// The process id of the private Postgres.
  fileprivate func postmaster() throws -> Int32 {
    let file = data.appendingPathComponent("data/postmaster.pid")
    let text = try String(contentsOf: file, encoding: .utf8)
    guard let pid = text.split(separator: "\n").first.flatMap({ Int32($0) }) else {
      throw StartFailure(message: "no postmaster in \(file.path)")
    }
    return pid
  }
}
