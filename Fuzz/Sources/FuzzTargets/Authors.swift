import YCRDT

/// Several authors who write at once and now and then hear of each other: a source of histories for comparisons.
public struct Authors {
  /// The updates in the order in which they were written.
  public private(set) var updates: [[UInt8]] = []

  /// Writes a history as the bytes choose.
  public init(_ bytes: [UInt8], count: Int, edits: ChosenEdits) throws(Finding) {
    var choices = Choices(bytes)
    let docs = (0..<count).map { Doc(clientID: UInt64(choices.below(200) + $0 * 1000 + 1)) }
    let log = Log()
    let subscriptions = docs.map { doc in
      doc.surrogatePairs = .snap
      return doc.observeUpdates { if $0.isLocal { log.updates.append($0.update) } }
    }
    while !choices.isEmpty {
      let doc = choices.pick(docs)
      edits.edit(doc, &choices)
      if choices.below(3) == 0 {
        let other = choices.pick(docs)
        _ = try accepted("a diff") { try doc.apply(other.encodeStateAsUpdate(since: doc.stateVector)) }
      }
    }
    subscriptions.forEach { $0.cancel() }
    updates = log.updates
  }

  private final class Log {
    var updates: [[UInt8]] = []
  }
}
