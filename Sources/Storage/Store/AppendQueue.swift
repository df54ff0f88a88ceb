import Workflow

/// What waits for the writer, in order.
struct AppendQueue {
  typealias Completion = @Sendable (Result<Int64, StoreError>) -> Void

  struct Append {
    let document: DocumentName
    /// The document that it is for; nil for whichever there is.
    let incarnation: Int64?
    let update: [UInt8]
    let author: Actor
    let completion: Completion
  }

  /// Something that may only happen to a document when all of it that stands before is committed.
  struct Barrier {
    let document: DocumentName
    let body: @Sendable (Result<Void, StoreError>) -> Void
  }

  private enum Item {
    case append(Append)
    case barrier(Barrier)
  }

  enum Step {
    case write([Append])
    case pass(Barrier)
    case stop
  }

  private var items: [Item] = []
  private var start = 0
  /// What was taken and is not committed.
  private(set) var pendingBytes = 0
  private(set) var pendingAppends = 0
  /// Documents that lost an update: nothing that follows it may be written.
  private var refused: Set<String> = []
  var isStopping = false

  mutating func append(_ append: Append, limit: Int) throws(StoreError) {
    guard !isStopping else { throw .stopped }
    guard pendingBytes + append.update.count <= limit, !refused.contains(append.document.workflowID) else {
      refused.insert(append.document.workflowID)
      throw .overloaded
    }
    pendingBytes += append.update.count
    pendingAppends += 1
    items.append(.append(append))
  }

  mutating func add(_ barrier: Barrier) throws(StoreError) {
    guard !isStopping else { throw .stopped }
    items.append(.barrier(barrier))
  }

  /// The document is read anew, so that nothing depends on what was refused.
  mutating func accept(_ document: DocumentName) {
    refused.remove(document.workflowID)
  }

  /// The next thing to do; nil when there is nothing yet. O(what it returns).
  mutating func next(maximumBytes: Int) -> Step? {
    guard start < items.count else { return isStopping ? .stop : nil }
    defer { compact() }
    if case .barrier(let barrier) = items[start] {
      start += 1
      return .pass(barrier)
    }
    var batch: [Append] = []
    var bytes = 0
    while start < items.count, case .append(let append) = items[start] {
      guard batch.isEmpty || bytes + append.update.count <= maximumBytes else { break }
      bytes += append.update.count
      batch.append(append)
      start += 1
    }
    return .write(batch)
  }

  mutating func done(_ batch: [Append]) {
    pendingAppends -= batch.count
    for append in batch { pendingBytes -= append.update.count }
  }

  /// Takes out what waits of a document that lost an update. O(what waits).
  mutating func refuse(_ document: DocumentName) -> [Append] {
    compact(always: true)
    refused.insert(document.workflowID)
    var appends: [Append] = []
    items.removeAll { item in
      guard case .append(let append) = item, append.document.workflowID == document.workflowID else { return false }
      appends.append(append)
      return true
    }
    done(appends)
    return appends
  }

  /// Takes out the barriers: what stands behind them is not going to happen soon.
  mutating func takeBarriers() -> [Barrier] {
    compact(always: true)
    var barriers: [Barrier] = []
    items.removeAll { item in
      guard case .barrier(let barrier) = item else { return false }
      barriers.append(barrier)
      return true
    }
    return barriers
  }

  private mutating func compact(always: Bool = false) {
    guard start > 0, always || start == items.count || start > 4096 else { return }
    items.removeFirst(start)
    start = 0
  }
}
