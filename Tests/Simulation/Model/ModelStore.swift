import Rooms
import Workflow
import YCRDT

/// The database of the model, and what is remembered of its past to check it.
struct ModelStore: Hashable {
  private(set) var contents: StoreContents
  private let fault: ModelFault?
  /// The rows of each revision.
  private(set) var history: [Int64: WorkflowRows]
  /// Which revisions were merged, and the units of which conflicts were recorded.
  private var recorded: [Int64: [[String]]] = [:]

  init(fault: ModelFault?) {
    contents = StoreContents(rows: ModelScript.rows, fault: fault?.ofStore)
    self.fault = fault
    history = [ModelScript.rows.revision: ModelScript.rows]
  }

  /// Does one transaction. Answers come first in the result.
  mutating func handle(_ signal: Signal) -> [Signal] {
    let before = contents
    let answers = perform(signal)
    return contents == before ? answers : answers + news(since: before) + faults(since: before)
  }

  private mutating func perform(_ signal: Signal) -> [Signal] {
    switch signal {
    case .writeRows(let number): contents.writeRows { ModelScript.writeRows(number, &$0) }
    case .effect(.load): return [.loaded(contents.open())]
    case .effect(.readRows): return [.rowsRead(contents.rows)]
    case .effect(.readLog(let sequence)): return [contents.readLog(after: sequence).map(Signal.logRead) ?? .storeFailed]
    case .effect(.append(let update, let index, _)):
      return [.appended(index: index, sequence: contents.append(update))]
    case .effect(.commit(let commit)): return [self.commit(commit)]
    case .half(let commit, let half): return half == .first ? begin(commit) : [finish(commit)]
    case .effect(.checkpoint(let state, let sequence)): contents.checkpoint(state, through: sequence)
    default: return [.violation("the store cannot take \(signal)")]
    }
    return []
  }

  private mutating func commit(_ commit: ServerCommit) -> Signal {
    guard let result = contents.commit(commit) else { return .stale }
    record(commit)
    return .committed(result)
  }

  private mutating func record(_ commit: ServerCommit) {
    guard commit.kind == .reconcile else { return }
    recorded[commit.base.revision, default: []] += commit.conflicts.map(\.unit)
  }

  // MARK: Commits in two transactions, which is a fault

  private mutating func begin(_ commit: ServerCommit) -> [Signal] {
    guard contents.accepts(commit) else { return [] }
    if fault == .baseBeforeUpdate { contents.advanceBase(commit) } else { contents.writeUpdate(commit) }
    return []
  }

  private mutating func finish(_ commit: ServerCommit) -> Signal {
    guard let document = contents.document else { return .stale }
    if fault == .baseBeforeUpdate {
      guard document.base.content == commit.base.content else { return .stale }
      contents.writeUpdate(commit)
    } else {
      guard document.serverClock == commit.serverClock else { return .stale }
      contents.advanceBase(commit)
    }
    record(commit)
    let base = contents.document?.base ?? commit.base
    return .committed(
      CommitResult(lastSequence: document.lastSequence, revision: base.revision, lockVersion: base.lockVersion))
  }

  // MARK: After a write

  private mutating func news(since before: StoreContents) -> [Signal] {
    var news: [Signal] = []
    if contents.rows != before.rows {
      history[contents.rows.revision] = contents.rows
      news.append(.rowsWritten)
    }
    if let old = before.document, contents.document?.lastSequence != old.lastSequence { news.append(.logWritten) }
    return news
  }

  private func faults(since before: StoreContents) -> [Signal] {
    var faults: [String] = []
    let (old, new) = (before.rows.content, contents.rows.content)
    for token in ModelScript.tokens(in: old) where !ModelScript.tokens(in: new).contains(token) {
      faults.append("the rows lost \(token)")
    }
    if old.concurrency != nil, new.concurrency ?? 0 < old.concurrency ?? 0 {
      faults.append("the rows went back to an older import")
    }
    faults += documentFaults(since: before)
    return faults.map(Signal.violation)
  }

  private func documentFaults(since before: StoreContents) -> [String] {
    guard let base = contents.document?.base else { return [] }
    var faults: [String] = []
    if base.revision < before.document?.base.revision ?? 0 { faults.append("the base went back") }
    if let rows = history[base.revision] {
      if !base.content.isSame(as: rows.content) || base.lockVersion != rows.lockVersion {
        faults.append("the base is not what the rows held")
      }
    } else {
      faults.append("the base is of no revision of the rows")
    }
    for (revision, units) in recorded where Set(units).count != units.count {
      faults.append("a conflict with revision \(revision) was recorded twice")
    }
    return faults + textFaults(base)
  }

  private func textFaults(_ base: Base) -> [String] {
    guard let doc = try? contents.rebuilt(), let content = try? WorkflowDocument.extract(doc) else {
      return ["the log holds no workflow"]
    }
    let tokens = ModelScript.tokens(in: content)
    var faults = Set(tokens).sorted().filter { token in tokens.count { $0 == token } > 1 }
      .map { "\($0) is in the document twice" }
    // Nobody removes a token, so what the base has the document has.
    for token in ModelScript.tokens(in: base.content) where !tokens.contains(token) {
      faults.append("\(token) of the base is not in the document")
    }
    if let merged = base.content.concurrency, content.concurrency != merged {
      faults.append("the import of the base is not in the document")
    }
    return faults
  }
}

/// What a state of the store looks like to the checks that compare it with others.
struct StoreView {
  let vector: StateVector
  let state: [UInt8]
  let serverClientID: ClientID
  let serverClock: UInt64
  let baseRevision: Int64
  let rowsRevision: Int64

  init(_ contents: StoreContents) {
    let doc = (try? contents.rebuilt()) ?? Doc()
    vector = doc.stateVector
    state = doc.encodeStateAsUpdate(includingPending: true)
    serverClientID = contents.document?.serverClientID ?? 0
    serverClock = contents.document?.serverClock ?? 0
    baseRevision = contents.document?.base.revision ?? 0
    rowsRevision = contents.rows.revision
  }
}
