import Workflow
import YCRDT

/// What was written during a simulation and has to be there at its end, whoever wrote it.
struct Ledger {
  enum Author: Hashable {
    case database
    case member(ClientID)
  }

  private struct Entry {
    let author: Author
    /// The author's clock behind it.
    let clock: UInt64
  }

  /// Tokens in the text: nobody ever removes one.
  private var tokens: [String: Entry] = [:]
  private var jobs: [String: Entry] = [:]
  /// Jobs that somebody has removed, which may have been in vain.
  private var removedJobs: Set<String> = []
  private var hasPosition: [Entry] = []
  /// What only the database writes.
  private(set) var concurrency: Int?
  /// Up to which clock a member that is gone was told that its edits are safe. All edits of those who are still here must
  /// be there at the end, for they have them and send them again.
  private var lastWords: [ClientID: UInt64] = [:]

  mutating func wrote(token: String, _ author: Author, clock: UInt64 = 0) {
    tokens[token] = Entry(author: author, clock: clock)
  }

  mutating func added(job: String, _ author: Author, clock: UInt64 = 0) {
    jobs[job] = Entry(author: author, clock: clock)
  }

  mutating func removed(job: String) { removedJobs.insert(job) }

  mutating func moved(_ member: ClientID, clock: UInt64) {
    hasPosition.append(Entry(author: .member(member), clock: clock))
  }

  mutating func set(concurrency: Int) { self.concurrency = concurrency }

  /// Whether somebody died with edits that were not acknowledged: any part of them may be all that is left of them. What
  /// an edit deletes counts at once, what it inserts waits for the earlier edits of its author.
  private(set) var mayHoldHalfEdits = false

  mutating func isGone(_ member: ClientID, acknowledged clock: UInt64, of written: UInt64) {
    lastWords[member] = clock
    if written > clock { mayHoldHalfEdits = true }
  }

  /// The tokens that the database wrote.
  var databaseTokens: [String] { tokens.filter { $0.value.author == .database }.map(\.key) }

  private func mustBeThere(_ entry: Entry) -> Bool {
    guard case .member(let id) = entry.author, let acknowledged = lastWords[id] else { return true }
    return entry.clock <= acknowledged
  }

  /// What is wrong with the content at the end. Where people take the document back to the rows, what only people wrote
  /// may be gone, and what they write into the text in that moment may get between letters of tokens: the reset goes from
  /// one text to the other by letters.
  func faults(in content: WorkflowContent, mayLackUnsaved: Bool) -> [String] {
    guard let body = content.jobs.first(where: { $0.id == Plot.textJob })?.body else { return ["the job is gone"] }
    var faults = mayLackUnsaved ? [] : tokenFaults(in: body)
    func mustBeThere(_ entry: Entry) -> Bool {
      self.mustBeThere(entry) && (!mayLackUnsaved || entry.author == .database)
    }
    let present = Set(content.jobs.map(\.id))
    for (id, entry) in jobs.sorted(by: { $0.key < $1.key }) where !removedJobs.contains(id) {
      if !present.contains(id), mustBeThere(entry) { faults.append("job \(id) of \(entry.author) is gone") }
    }
    if content.positions?[Plot.textJob] == nil, !mayHoldHalfEdits, hasPosition.contains(where: mustBeThere) {
      faults.append("nobody's position is left")
    }
    if let concurrency, content.concurrency != concurrency {
      faults.append("what only the database writes is \(content.concurrency ?? 0) instead of \(concurrency)")
    }
    return faults
  }

  private func tokenFaults(in body: String) -> [String] {
    var faults: [String] = []
    let found = Dictionary(Plot.tokens(in: body).map { ($0, 1) }, uniquingKeysWith: +)
    for (token, entry) in tokens.sorted(by: { $0.key < $1.key }) {
      let count = found[token] ?? 0
      if count > 1 || (count == 0 && mustBeThere(entry)) { faults.append("\(token) is in the text \(count) times") }
    }
    for token in found.keys.sorted() where tokens[token] == nil { faults.append("\(token) was torn") }
    return faults
  }
}
