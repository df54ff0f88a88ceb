import Dispatch
import Storage

/// Does what would hold up the loop, on behalf of the request that it is asked for.
struct Worker: Sendable {
  private let queue: DispatchQueue

  init(label: String = "heddle.worker") {
    queue = DispatchQueue(label: label)
  }

  func async(_ work: @escaping @Sendable () -> Void) {
    queue.async(execute: Self.carrying(work))
  }

  func asyncAfter(deadline: DispatchTime, _ work: @escaping @Sendable () -> Void) {
    queue.asyncAfter(deadline: deadline, execute: Self.carrying(work))
  }

  private static func carrying(_ work: @escaping @Sendable () -> Void) -> @Sendable () -> Void {
    guard let context = RequestContext.current else { return work }
    return { RequestContext.$current.withValue(context, operation: work) }
  }
}
