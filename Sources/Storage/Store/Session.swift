import Logging
import Workflow

/// A connection that comes back: what one thread of the store works with.
final class Session {
  let connection: PostgresConnection
  private let health: Health
  private var backoff = Backoff()
  private var retryAt = ContinuousClock.now

  init(_ configuration: StoreConfiguration, role: String, health: Health, commands: [String] = []) {
    self.health = health
    connection = PostgresConnection(
      conninfo: configuration.conninfo, name: "heddle \(role)",
      answerTimeout: configuration.statementTimeout + configuration.answerGrace,
      sessionCommands: [
        "set timezone = 'UTC'", "set idle_in_transaction_session_timeout = '60s'",
        "set statement_timeout = \(Int(configuration.statementTimeout / .milliseconds(1)))",
      ] + commands)
  }

  /// Connects if it is not connected. Fails at once while the last failure is not long enough ago.
  func connect() throws(StoreError) {
    guard !connection.isConnected else { return }
    guard ContinuousClock.now >= retryAt else { throw .unavailable }
    do {
      try connection.connect()
      backoff.reset()
    } catch {
      failed(error)
      throw .unavailable
    }
  }

  /// How long until another attempt to connect makes sense.
  var delay: Duration { max(.zero, retryAt - .now) }

  func failed(_ error: PostgresError) {
    if error.connectionLost { connection.close() }
    retryAt = .now + backoff.next()
    health.report(error)
  }

  /// Notes what Postgres lacks, where that is why it did nothing.
  func note(_ error: PostgresError) {
    if error.isAboutResources { health.cannotWrite(error) }
  }

  /// Notes that something was written.
  func wrote() { health.wrote() }

  /// Runs something that may be repeated. After a connection was lost it is, once, on a new one.
  func perform<Result>(_ body: (PostgresConnection) throws -> Result) throws(StoreError) -> Result {
    var isSecond = false
    while true {
      try connect()
      do {
        return try body(connection)
      } catch let error as PostgresError {
        note(error)
        guard error.connectionLost || error.isTransient else { throw .database(error) }
        if error.connectionLost { connection.close() }
        guard !isSecond else {
          if error.connectionLost { failed(error) }
          throw error.connectionLost ? .unavailable : .busy
        }
        isSecond = true
      } catch let error as StoreError {
        throw error
      } catch {
        throw .damaged("\(error)")
      }
    }
  }
}
