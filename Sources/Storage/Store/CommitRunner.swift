import Glibc
import Synchronization
import Workflow

/// Set once, from any thread.
final class Flag: Sendable {
  private let value = Atomic(false)

  var isSet: Bool { value.load(ordering: .acquiring) }

  func set() { value.store(true, ordering: .releasing) }
}

/// Sees a commit through to an outcome.
struct CommitRunner: Sendable {
  let commit: ServerCommit
  let attempts: Int
  let limit: (any ActivationLimit)?
  let stopping: Flag
  private let token = UUIDText.random()

  init(commit: ServerCommit, attempts: Int, limit: (any ActivationLimit)? = nil, stopping: Flag) {
    self.commit = commit
    self.attempts = attempts
    self.limit = limit
    self.stopping = stopping
  }

  func run(_ session: Session) -> Result<CommitOutcome, StoreError> {
    do {
      return .success(
        try Retry(attempts: attempts).run(session) { connection in
          try CommitTransaction(commit: commit, token: token, limit: limit, connection: connection).run()
        })
    } catch let error as StoreError {
      return .failure(error)
    } catch let error as PostgresError where error.mayHaveCommitted {
      return resolve(session)
    } catch {
      return .failure(.damaged("\(error)"))
    }
  }

  /// The answer to the commit got lost. It is tried again until the database says what became of it: where the first
  /// attempt did happen, the second one is stale, and the first one's token is there.
  private func resolve(_ session: Session) -> Result<CommitOutcome, StoreError> {
    while !stopping.isSet {
      do {
        let outcome = try session.perform { connection in
          let transaction = CommitTransaction(commit: commit, token: token, limit: limit, connection: connection)
          if let result = try transaction.earlierResult() { return CommitOutcome.committed(result) }
          let outcome = try transaction.run()
          guard case .stale = outcome, let result = try transaction.earlierResult() else { return outcome }
          return .committed(result)
        }
        return .success(outcome)
      } catch {
        switch error {
        case .unavailable, .busy: usleep(UInt32(max(session.delay, .milliseconds(20)) / .microseconds(1)))
        default: return .failure(error)
        }
      }
    }
    return .failure(.unavailable)
  }
}

/// Repeats a transaction that others were in the way of.
struct Retry {
  let attempts: Int
  /// Whether it does no harm to do it again when it may have been done.
  var isRepeatable = false

  /// Runs it until it went through, at most `attempts` times. Throws `StoreError`, or whatever `body` throws. On an
  /// old connection that turns out to be lost it is run again on a new one, unless it may have been committed.
  func run<Result>(_ session: Session, _ body: (PostgresConnection) throws -> Result) throws -> Result {
    var failures = 0
    var wasLost = false
    while true {
      try session.connect()
      do {
        let result = try body(session.connection)
        session.wrote()
        return result
      } catch let error as PostgresError {
        session.note(error)
        if error.connectionLost {
          session.connection.close()
          guard isRepeatable || !error.mayHaveCommitted else { throw error }
          guard !wasLost else {
            session.failed(error)
            throw StoreError.unavailable
          }
          wasLost = true
        } else if error.isTransient {
          failures += 1
          guard failures < attempts else { throw StoreError.busy }
          usleep(.random(in: 2_000...20_000))
        } else {
          throw StoreError.database(error)
        }
      }
    }
  }
}
