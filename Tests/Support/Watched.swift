import Dispatch
import Synchronization

/// A condition did not come true in time.
public struct NotInTime: Error, CustomStringConvertible {
  public var what: String
  public var limit: Duration
  public var state: String

  public var description: String {
    "\(what): not within \(limit)" + (state.isEmpty ? "" : "; the state is \(state.prefix(2000))")
  }
}

/// State that tests wait on. A condition is looked at when the wait begins and after every change, so that nobody polls
/// or sleeps; every wait has a limit.
public final class Watched<State: Sendable>: Sendable {
  private struct Waiter: Sendable {
    /// Returns whether the wait is over.
    var look: @Sendable (State) -> Bool
    var giveUp: @Sendable (State) -> Void
  }

  private struct Storage: Sendable {
    var state: State
    var waiters: [Int: Waiter] = [:]
    var nextWaiter = 0
  }

  private let storage: Mutex<Storage>

  public init(_ state: State) {
    storage = Mutex(Storage(state: state))
  }

  /// The state now.
  public var current: State { storage.withLock { $0.state } }

  /// Changes the state and ends the waits that this fulfils.
  public func update<R: Sendable>(_ body: (inout State) -> R) -> R {
    storage.withLock { storage in
      let result = body(&storage.state)
      for (number, waiter) in storage.waiters where waiter.look(storage.state) { storage.waiters[number] = nil }
      return result
    }
  }

  /// Waits until `condition` finds something, or throws `NotInTime`. The limit grows with `Patience`.
  public func wait<R: Sendable>(
    for what: String, limit: Duration = .seconds(10), until condition: @escaping @Sendable (State) -> R?
  ) async throws -> R {
    let limit = limit * Patience.factor
    return try await withCheckedThrowingContinuation { continuation in
      let number: Int? = storage.withLock { storage in
        if let found = condition(storage.state) {
          continuation.resume(returning: found)
          return nil
        }
        let waiter = Waiter(
          look: { state in
            guard let found = condition(state) else { return false }
            continuation.resume(returning: found)
            return true
          },
          giveUp: { state in
            continuation.resume(throwing: NotInTime(what: what, limit: limit, state: "\(state)"))
          })
        storage.nextWaiter += 1
        storage.waiters[storage.nextWaiter] = waiter
        return storage.nextWaiter
      }
      guard let number else { return }
      DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(limit.inNanoseconds)) { [self] in
        storage.withLock { storage in
          if let waiter = storage.waiters.removeValue(forKey: number) { waiter.giveUp(storage.state) }
        }
      }
    }
  }
}

extension Duration {
  fileprivate var inNanoseconds: Int {
    Int(components.seconds) * 1_000_000_000 + Int(components.attoseconds / 1_000_000_000)
  }
}
