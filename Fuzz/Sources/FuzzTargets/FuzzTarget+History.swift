import YCRDT

extension FuzzTarget {
  static func runHistory(_ bytes: [UInt8]) throws(Finding) {
    var history = History(Choices(bytes))
    while !history.choices.isEmpty { try history.step() }
    try history.finish()
  }
}

/// Replicas that edit, send each other what they wrote in any order and any number of times, and in the end agree.
private struct History {
  private final class Log {
    var updates: [[UInt8]] = []
  }

  var choices: Choices
  private var docs: [Doc] = []
  private var subscriptions: [Subscription?] = [nil, nil, nil]
  private var undos: [YUndoManager?] = [nil, nil, nil]
  private let log = Log()
  /// A replica that tears a surrogate pair apart without writing anything shows what others do not, in Yjs as here:
  /// an edit that turns out to change nothing is enough. Such histories only have to be sound.
  private let tearsPairs: Bool

  init(_ choices: Choices) {
    self.choices = choices
    tearsPairs = self.choices.below(4) == 0
    for number in 0..<3 {
      let doc = Doc(clientID: UInt64(number) * 7 + 1, collectsGarbage: self.choices.below(4) > 0)
      docs.append(doc)
      watch(number)
    }
  }

  private mutating func watch(_ number: Int) {
    docs[number].surrogatePairs = tearsPairs ? .tear : .snap
    var options = YUndoManager.Options()
    options.captureTimeout = .zero
    let doc = docs[number]
    undos[number] = try? YUndoManager(doc, scope: [doc.text("t"), doc.map("m"), doc.array("a")], options: options)
    let log = log
    subscriptions[number] = docs[number].observeUpdates { if $0.isLocal { log.updates.append($0.update) } }
  }

  mutating func step() throws(Finding) {
    let number = choices.below(docs.count)
    let doc = docs[number]
    switch choices.below(11) {
    case 0, 1, 2: ChosenEdits().edit(doc, &choices)
    case 3, 4: try deliver(to: doc)
    case 5: try exchange(from: docs[choices.below(docs.count)], to: doc)
    case 6, 7: _ = try? undos[number]?.undo()
    case 8: _ = try? undos[number]?.redo()
    case 9: replace(number, by: doc.fork(clientID: doc.clientID))
    default: try reload(number)
    }
    docs[number].checkIntegrity()
  }

  /// One of the last updates: the one that was sent first is not the one that arrives first.
  private mutating func deliver(to doc: Doc) throws(Finding) {
    guard !log.updates.isEmpty else { return }
    let update = log.updates[log.updates.count - 1 - choices.below(min(log.updates.count, 256))]
    _ = try accepted("somebody's update") { try doc.apply(update) }
  }

  private func exchange(from other: Doc, to doc: Doc) throws(Finding) {
    _ = try accepted("a diff") { try doc.apply(other.encodeStateAsUpdate(since: doc.stateVector)) }
  }

  private mutating func replace(_ number: Int, by doc: Doc) {
    subscriptions[number]?.cancel()
    docs[number] = doc
    watch(number)
  }

  /// Starts a replica anew from what it has stored.
  private mutating func reload(_ number: Int) throws(Finding) {
    let old = docs[number]
    let doc = Doc(clientID: old.clientID, collectsGarbage: choices.below(4) > 0)
    let pending = choices.bool()
    _ = try accepted("a stored state") { try doc.apply(old.encodeStateAsUpdate(includingPending: pending)) }
    try require(doc.stateVector == old.stateVector, "a stored state is incomplete")
    try require(doc.shown == old.shown, "a stored state shows something else")
    replace(number, by: doc)
    // Loading a state that carries the own client's work makes a replica take a new id.
    docs[number].clientID = old.clientID
  }

  func finish() throws(Finding) {
    for update in log.updates { _ = try accepted("somebody's update") { try docs[0].apply(update) } }
    docs[0].checkIntegrity()
    for doc in docs {
      for other in docs { try exchange(from: other, to: doc) }
      doc.checkIntegrity()
    }
    for other in docs { try exchange(from: other, to: docs[0]) }
    for doc in docs {
      try require(!doc.hasPending, "something is pending although everything was delivered")
      try require(doc.stateVector == docs[0].stateVector, "replicas know different work")
      try require(doc.deleteSet == docs[0].deleteSet, "replicas deleted different work")
      try require(
        tearsPairs || doc.shown == docs[0].shown, "replicas show different content:\n\(doc.shown)\n\(docs[0].shown)")
      try FuzzTarget.roundTrip(doc)
    }
  }
}
