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
  let limit: (any ActivationLimit)?
  let stopping: Flag
  private let token = UUIDText.random()

  init(commit: ServerCommit, limit: (any ActivationLimit)? = nil, stopping: Flag) {
    self.commit = commit
    self.limit = limit
    self.stopping = stopping
  }

  /// Nil where others were in the way, and it is to be tried again.
  func run(_ session: Session, _ retry: inout Retry) -> Result<CommitOutcome, StoreError>? {
    do {
      let outcome = try retry.run(session) { connection in
        try CommitTransaction(commit: commit, token: token, limit: limit, connection: connection).run()
      }
      return outcome.map { .success($0) }
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

/// How often a transaction is tried that others may be in the way of.
struct Retry: Sendable {
  let attempts: Int
  /// Whether it does no harm to do it again when it may have been done.
  var isRepeatable = false
  private var failures = 0

  init(attempts: Int, isRepeatable: Bool = false) {
    self.attempts = attempts
    self.isRepeatable = isRepeatable
  }

  /// Tries it; nil where others were in the way, and it is to be tried again. Throws `StoreError`, or whatever `body` throws. On an
  /// old connection that turns out to be lost it is run again on a new one, unless it may have been committed.
  mutating func run<Result>(_ session: Session, _ body: (PostgresConnection) throws -> Result) throws -> Result? {
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
          return nil
        } else {
          throw StoreError.database(error)
        }
      }
    }
  }
}

extension WorkerPool.Work {
  /// Tries something until there is a result of it. In between others have their turn.
  static func trying<Result>(
    _ retry: Retry, _ body: @escaping @Sendable (Session, inout Retry) -> Result?,
    completion: @escaping @Sendable (Result) -> Void
  ) -> Self {
    Self { session in
      var retry = retry
      guard let result = body(session, &retry) else { return .trying(retry, body, completion: completion) }
      completion(result)
      return nil
    }
  }
}
