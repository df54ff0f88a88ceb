import Dispatch
import Synchronization

/// Waits for what the library only does asynchronously although it does not wait for anything. For threads that may block.
func waiting<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
  let answer = Answer<Value>()
  Task {
    do {
      let value = try await body()
      answer.result.withLock { $0 = .success(value) }
    } catch {
      answer.result.withLock { $0 = .failure(error) }
    }
    answer.done.signal()
  }
  answer.done.wait()
  guard let result = answer.result.withLock({ $0 }) else { preconditionFailure("signalled without a result") }
  return try result.get()
}

private final class Answer<Value: Sendable>: Sendable {
  let result = Mutex<Result<Value, any Error>?>(nil)
  let done = DispatchSemaphore(value: 0)
}
