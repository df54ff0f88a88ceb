/// Postgres' notifications: nothing has to be set up for them. All nodes hear everything.
struct PostgresCarrier: BusCarrier {
  static let channel = "heddle_bus"

  let configuration: StoreConfiguration

  var description: String { "Postgres" }
  /// A payload has to be shorter than 8000 bytes.
  var maximumTextBytes: Int { 7900 }
  var separatesDocuments: Bool { false }

  func publisher(installation: String) -> any BusPublisher {
    Half(connection: connection("bus publisher", ["set synchronous_commit = off"]))
  }

  func subscriber(installation: String) -> any BusSubscriber {
    Half(connection: connection("bus", ["listen \(Self.channel)"]))
  }

  private func connection(_ role: String, _ commands: [String]) -> PostgresConnection {
    let timeout = Int(configuration.statementTimeout / .milliseconds(1))
    return PostgresConnection(
      conninfo: configuration.conninfo, name: "heddle \(role)",
      answerTimeout: configuration.statementTimeout + configuration.answerGrace,
      sessionCommands: ["set statement_timeout = \(timeout)"] + commands)
  }

  private final class Half: BusPublisher, BusSubscriber {
    private let connection: PostgresConnection

    init(connection: PostgresConnection) {
      self.connection = connection
    }

    var socket: Int32 { connection.socket }

    func connect() throws {
      if !connection.isConnected { try connection.connect() }
    }

    func publish(_ parcels: [BusParcel]) throws {
      try connection.execute(.publish, .texts(parcels.map(\.text)))
    }

    func listen(to documents: Set<String>) {}

    func receive() throws -> BusDelivery { BusDelivery(texts: try connection.notifications()) }

    func close() { connection.close() }
  }
}

extension Statement {
  fileprivate static let publish = Statement(
    "publish", "select pg_notify('\(PostgresCarrier.channel)', t.text) from unnest($1::text[]) as t(text)")
}
