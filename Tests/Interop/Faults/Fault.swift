import Foundation
import Glibc
import TestSupport

/// What can go wrong with one server and its database.
enum Fault: String, CaseIterable, Sendable {
  case serverKilled = "the server is killed"
  case serverFrozen = "the server stands still"
  case postgresKilled = "Postgres is killed"
  case backendKilled = "a process of Postgres is killed"
  case postgresAway = "Postgres is away"
  case postgresRefuses = "Postgres refuses connections"
  case postgresHangs = "Postgres does not answer"
  case postgresSlow = "Postgres is slow"
  case commitsCut = "connections to Postgres are cut in the middle of anything"
  case notificationsLost = "notifications are lost"
  case notificationsRepeated = "notifications come again and again, and others that mean nothing"
  case clientsCut = "clients' connections are cut in the middle of anything"
  case clientsSlow = "clients' messages are late, and each client's by another time"
  case clientsChopped = "messages come in pieces of a few bytes"
  case clientsHalfOpen = "clients' connections are dead, and neither end knows"
  case diskFull = "the disk of Postgres is full"
  case syncsFail = "the disk of Postgres does not keep what is written"
  case clockJumps = "the clock jumps by days"

  /// What is done before in the process that becomes the server.
  var shell: String {
    guard self == .clockJumps else { return ":" }
    return "export LD_PRELOAD=\(FaultyClock.library)${LD_PRELOAD:+:$LD_PRELOAD} FAULTY_CLOCK=\(FaultyClock.file)"
  }

  /// The disk on which it is played, where it is about that.
  func makeDisk() throws -> FaultyDisk? {
    self == .diskFull || self == .syncsFail ? try FaultyDisk() : nil
  }

  /// Does it, for a while, and ends it.
  func play(on site: FaultSite, rounds: Int, _ random: inout SeededGenerator) async throws {
    for _ in 0..<rounds {
      try await site.pause(Int.random(in: 100...600, using: &random))
      try await once(on: site, Int.random(in: 500...1500, using: &random))
    }
  }

  private func once(on site: FaultSite, _ milliseconds: Int) async throws {
    switch self {
    case .serverKilled:
      try await site.killServer()
      try await site.startServer()
    case .serverFrozen:
      kill(site.server.processID, SIGSTOP)
      try await site.pause(milliseconds)
      kill(site.server.processID, SIGCONT)
    case .postgresKilled:
      if let postmaster = site.cluster.processID { kill(postmaster, SIGQUIT) }
    case .backendKilled:
      // It takes the others with it, and repeats its log.
      try site.psql("copy (select 1) to program 'kill -9 $PPID'", mayFail: true)
    case .postgresAway:
      site.cluster.stop()
      try await site.pause(milliseconds)
      try site.cluster.start()
    case .postgresRefuses: try await site.whileDatabase(is: .refused, milliseconds)
    case .postgresHangs: try await site.whileDatabase(is: .stalled, milliseconds)
    case .postgresSlow: try await site.whileDatabase(is: .slow(milliseconds: 60), milliseconds * 2)
    case .commitsCut: try await site.whileDatabase(is: .cut(within: 20_000), milliseconds)
    case .notificationsLost: try await site.whileDatabase(is: .blackHole, for: "heddle listener", milliseconds * 2)
    case .notificationsRepeated: try await repeatNotifications(site)
    case .clientsCut: try await site.whileClients(are: .cut(within: 8_000), milliseconds)
    case .clientsSlow: try await site.whileClients(are: .slow(milliseconds: 150), milliseconds)
    case .clientsChopped: try await site.whileClients(are: .chopped, milliseconds)
    case .clientsHalfOpen:
      try await site.whileClients(are: .blackHole, milliseconds)
      // What was lost on the way is lost for these connections: they end when somebody notices, here at once.
      for member in site.members { member.link.become(.refused) }
      for member in site.members { member.link.become(.open) }
    case .diskFull, .syncsFail:
      try site.disk?.fail(self == .diskFull ? .full : .unsynced)
      try await site.pause(milliseconds)
      site.disk?.mend()
    case .clockJumps:
      try FaultyClock.jump(by: [3 * 86_400, -3 * 86_400, 3600][milliseconds % 3])
      try await site.pause(milliseconds)
      try FaultyClock.jump(by: 0)
    }
  }

  private func repeatNotifications(_ site: FaultSite) async throws {
    for number in 0..<30 {
      let texts = [
        site.sample.id, "\(number)", "", "access", "replaced:\(site.sample.id)", String(repeating: "x", count: 7000),
      ]
      for channel in ["heddle_rows", "heddle_access"] {
        for text in texts { try site.psql("select pg_notify('\(channel)', '\(text)')") }
      }
    }
  }
}

extension FaultSite {
  /// Lets the load go on for a time.
  func pause(_ milliseconds: Int) async throws {
    try await Task.sleep(for: .milliseconds(milliseconds))
  }

  func whileDatabase(is condition: FaultyLink.Condition, for concerns: String? = nil, _ milliseconds: Int) async throws
  {
    database.become(condition, for: concerns)
    try await pause(milliseconds)
    database.become(.open)
  }

  func whileClients(are condition: FaultyLink.Condition, _ milliseconds: Int) async throws {
    for member in members { member.link.become(condition) }
    try await pause(milliseconds)
    for member in members { member.link.become(.open) }
  }
}
