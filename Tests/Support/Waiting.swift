import Glibc

/// Waits for something that other threads or processes bring about and nobody tells of, or throws `NotInTime`, with what `state`
/// says then. The limit grows with `Patience`.
@_disfavoredOverload  // Where both fit, the one that waits without a thread.
public func until(
  _ what: String, limit: Duration = .seconds(30), pause: Duration = .milliseconds(1),
  state: @autoclosure () throws -> String = "", _ condition: () throws -> Bool
) throws {
  let limit = limit * Patience.factor
  let deadline = ContinuousClock.now + limit
  while try !condition() {
    guard ContinuousClock.now < deadline else { throw NotInTime(what: what, limit: limit, state: try state()) }
    usleep(UInt32(pause / Duration.microseconds(1)))
  }
}

/// The same where waiting must not hold up a thread.
public func until(
  _ what: String, limit: Duration = .seconds(30), pause: Duration = .milliseconds(10),
  state: @autoclosure () throws -> String = "", _ condition: () async throws -> Bool
) async throws {
  let limit = limit * Patience.factor
  let deadline = ContinuousClock.now + limit
  while try await !condition() {
    guard ContinuousClock.now < deadline else { throw NotInTime(what: what, limit: limit, state: try state()) }
    try await Task.sleep(for: pause)
  }
}

/// Waits like `until` for the first value that there is.
public func value<Value>(
  of what: String, limit: Duration = .seconds(30), _ find: () throws -> Value?
) throws -> Value {
  var found: Value?
  try until(what, limit: limit) {
    found = try find()
    return found != nil
  }
  return found!
}
