import TestSupport
import Testing

@testable import Storage

/// A connection to Postgres whose other end is gone without a word.
@Suite struct ConnectionTests {
  private struct Site {
    let link: FaultyLink
    let conninfo: String

    init() throws {
      let address = try TestPostgres.makeDatabase()
      let host = address.split(separator: "'")[1]
      let directory = TestPostgres.makeDirectory()
      link = try FaultyLink(
        at: .path(directory + "/.s.PGSQL.5432"), to: .path("\(host)/.s.PGSQL.5432"), seed: 1)
      conninfo = address.replacing(host, with: directory)
    }
  }

  @Test(arguments: [FaultyLink.Condition.stalled, .blackHole])
  func anAnswerThatDoesNotComeEndsTheConnection(condition: FaultyLink.Condition) throws {
    let site = try Site()
    defer { site.link.close() }
    let connection = PostgresConnection(conninfo: site.conninfo, name: "test", answerTimeout: .milliseconds(200))
    try connection.connect()
    #expect(try connection.run("select 1").text(0, 0) == "1")
    site.link.become(condition)
    let statement = Statement("one", "select 1::bigint")
    let uses: [() throws -> Void] = [
      { try connection.run("select 1") }, { try connection.execute(statement) },
      { _ = try connection.pipeline([(statement, [])]) },
    ]
    for use in uses {
      site.link.become(.open)
      try connection.connect()
      try connection.execute(statement)
      site.link.become(condition)
      let error = #expect(throws: PostgresError.self) { try use() }
      #expect(error?.connectionLost == true)
      #expect(!connection.isConnected)
    }
    // And what comes after it is on a new one.
    site.link.become(.open)
    try connection.connect()
    #expect(try connection.execute(statement).int8(0, 0) == 1)
  }

  @Test func whatIsMoreThanASocketHoldsIsSentWhole() throws {
    let connection = PostgresConnection(
      conninfo: try TestPostgres.makeDatabase(), name: "test", answerTimeout: .seconds(20))
    try connection.connect()
    let bytes = [UInt8](repeating: 7, count: 20_000_000)
    let statement = Statement("length", "select length($1::bytea)::bigint")
    #expect(try connection.execute(statement, .bytes(bytes)).int8(0, 0) == 20_000_000)
    let answers = try connection.pipeline([(statement, [.bytes(bytes)]), (statement, [.bytes(bytes)])])
    #expect(answers.map { $0.int8(0, 0) } == [20_000_000, 20_000_000])
  }
}
