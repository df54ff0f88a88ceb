import Reconciliation
import Workflow
import YCRDT

extension FuzzTarget {
  static func runMerge(_ bytes: [UInt8]) throws(Finding) {
    var story = try MergeStory(bytes, isStrange: false)
    try story.play()
  }

  static func runStrangeMerge(_ bytes: [UInt8]) throws(Finding) {
    var story = try MergeStory(bytes, isStrange: true)
    try story.play()
  }
}

/// A document that people edit while importers write to the rows, and what the merges have to come to.
private struct MergeStory {
  private var source: RandomWorkflow<ChoiceGenerator>
  private let server: Doc
  private let client: EditingClient
  private var base: Base
  private var rows: WorkflowRows
  /// Whether the document takes shapes that no editor gives it.
  private let isStrange: Bool
  /// Whether people have edited since the last merge.
  private var hasEdits = false

  init(_ bytes: [UInt8], isStrange: Bool) throws(Finding) {
    self.isStrange = isStrange
    source = RandomWorkflow(ChoiceGenerator(bytes))
    let content = source.content()
    (server, base, rows) = try FuzzTarget.seeded(content)
    client = EditingClient(doc: server.fork(clientID: 1 << 30))
  }

  mutating func play() throws(Finding) {
    var merges = 0
    // Each merge looks at everything: long stories find nothing that short ones do not.
    while !source.random.isAtEnd, merges < 16 {
      switch Int.random(in: 0..<8, using: &source.random) {
      case 0, 1, 2: try edit()
      case 3, 4, 5: source.importChange(&rows.content, live: LiveContent.read(server))
      case 6:
        try merge()
        merges += 1
      default:
        try tryWithoutBase()
        merges += 1
      }
    }
    try merge()
  }

  private mutating func edit() throws(Finding) {
    hasEdits = true
    if isStrange, source.chance(70) {
      StrangeEdit(client.doc).make(&source.random)
    } else {
      // An edit that is refused is none.
      try? client.edit(&source)
    }
    let update = client.doc.encodeStateAsUpdate(since: server.stateVector)
    _ = try accepted("an edit") { try server.apply(update) }
  }

  private mutating func merge() throws(Finding) {
    rows.revision += 1
    rows.lockVersion += 1
    let database = State(rows.content)
    let oracle = isOrdinary ? Merge3.run(base: State(base.content), live: State(server), database: database) : nil
    let result = try merged(into: server, base: base)
    if let oracle { try check(result, oracle, database) }
    if !hasEdits, !isStrange {
      try require(!State(server).differs(from: database), "nobody edited, and the document is not what the rows are")
      try require(result.conflicts.isEmpty, "nobody edited, and there is a conflict")
    }
    let state = server.encodeStateAsUpdate()
    let second = try merged(into: server, base: result.base)
    try require(!second.changed && second.conflicts.isEmpty, "the second merge is not silent")
    try require(server.encodeStateAsUpdate() == state, "the second merge changes bytes")
    if isOrdinary {
      let isDirty = Reconciler().isDirty(server, base: result.base)
      try require(isDirty == State(server).differs(from: database), "what is not saved is not what differs")
    }
    base = result.base
    hasEdits = hasEdits && Reconciler().isDirty(server, base: base)
    let update = server.encodeStateAsUpdate(since: client.doc.stateVector)
    _ = try accepted("a merge, at a client") { try client.doc.apply(update) }
    client.doc.checkIntegrity()
  }

  /// Without a base everything is kept; only a copy goes that way.
  private func tryWithoutBase() throws(Finding) {
    let fork = server.fork(clientID: server.clientID)
    let result = try merged(into: fork, base: nil)
    let second = try merged(into: fork, base: result.base)
    try require(!second.changed, "without a base the second merge is not silent")
  }

  private func merged(into doc: Doc, base: Base?) throws(Finding) -> Reconciliation {
    let other = doc.fork(clientID: doc.clientID)
    let result = try accepted("a merge") { try Reconciler().merge(rows: rows, base: base, into: doc) }
    let elsewhere = try accepted("the same merge") { try Reconciler().merge(rows: rows, base: base, into: other) }
    try require(result == elsewhere, "two servers come to different results")
    try require(doc.encodeStateAsUpdate() == other.encodeStateAsUpdate(), "two servers write different bytes")
    doc.checkIntegrity()
    _ = try? WorkflowDocument.extract(doc)
    return result
  }

  /// Whether the oracle knows such documents: all characters of a text differ, and no two things have one id.
  private var isOrdinary: Bool {
    guard !isStrange else { return false }
    let content = LiveContent.read(server)
    let ids = content.jobs.map(\.id) + content.triggers.map(\.id) + content.edges.map(\.id)
    return Set(ids).count == ids.count && content.jobs.allSatisfy { Set($0.body).count == $0.body.count }
  }

  private func check(_ result: Reconciliation, _ oracle: Merge3, _ database: State) throws(Finding) {
    var found = State(server)
    for (id, expected) in oracle.texts {
      try require(expected.allows(found.jobs[id]?["body"]?.string ?? ""), "the text of \(id) is not what was merged")
      found.jobs[id]?["body"] = nil
    }
    try require(found == oracle.merged, "the document is \(found), not \(oracle.merged)")
    let conflicts = Set(result.conflicts.map(ExpectedConflict.init))
    try require(conflicts == oracle.conflicts, "the conflicts are \(conflicts), not \(oracle.conflicts)")
    try require(Set(result.renames.map(ExpectedRename.init)) == oracle.renames, "other renames")
  }
}
