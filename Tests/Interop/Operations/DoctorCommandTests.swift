import Foundation
import TestSupport
import Testing

/// `heddle doctor` on the command line.
@Suite struct DoctorCommandTests {
  @Test func itLooksAtTheDiskAndChangesNothing() async throws {
    try await Desk.with { desk in
      let psql = try PlainConnection(desk.database)
      try psql.run(
        "insert into revoked_tokens (id, expires_at) values ('old', clock_timestamp() - interval '1 year')")
      let answer = try await desk.heddle("doctor")
      #expect(answer.output.contains(/disk +[0-9]+ of [0-9]+ MiB are free below \//), "\(answer)")
      #expect(answer.output.contains(/size +the database has [0-9]+ MiB, most of it [a-z_]+ [0-9]+ MiB/), "\(answer)")
      #expect(answer.output.contains(/grew [a-z_]+ by [0-9]+ rows/), "\(answer)")
      #expect(try psql.value("select count(*) from revoked_tokens") == "1", "a server would let go of it")
    }
  }

  /// Somebody is in its way: it says what it is doing.
  @Test func whatTakesLongIsSaid() async throws {
    try await Desk.with { desk in
      let psql = try PlainConnection(desk.database)
      try psql.run("begin; lock table documents in access exclusive mode")
      let log = desk.folder.appendingPathComponent("doctor.log")
      let process = try LineProcess(
        HeddleServer.executable, ["doctor", "--database-url", desk.database], standardError: log)
      try await until("it says what it is doing", limit: .seconds(60)) {
        try String(contentsOf: log, encoding: .utf8).contains("heddle: looking at the database …")
      }
      try psql.run("rollback")
      _ = try await process.waitForExit(limit: .seconds(60))
    }
  }
}
