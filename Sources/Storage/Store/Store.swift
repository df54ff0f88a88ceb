public import Logging
import Synchronization
public import Workflow
import YCRDT

/// Everything that Heddle keeps, in Postgres: documents with their logs, the rows of workflows and projects.
///
/// Calls return at once; completions are called on one of the store's threads and must not block it. While the
/// database is away appends wait in memory, in order, and are written when it is back; everything else fails with
/// `unavailable`.
///
///     let store = Store(configuration: StoreConfiguration(conninfo: address), logger: logger)
///     try store.migrate()
///     store.start()
///     …
///     store.stop()
public final class Store: Sendable {
  /// Called once, on a thread of the store.
  public typealias Completion<Value> = @Sendable (Result<Value, StoreError>) -> Void

  let configuration: StoreConfiguration
  private let logger: Logger
  private let health: Health
  private let queue = Monitor(AppendQueue())
  private let writer: Writer
  let listener: Listener
  /// What this server is called.
  let id: String
  /// The servers of the database, where this is one of them.
  let nodes: Nodes?
  let auditor: Auditor
  private let housekeeper: Housekeeper
  private let threads = Mutex<Threads?>(nil)
  private let stopping = Flag()

  private struct Threads {
    /// Nil where nothing may be written.
    var writer: ServiceThread?
    /// The listener, the auditor and the housekeeper; none where nothing may be written.
    var others: [ServiceThread] = []
    let readers: WorkerPool
    let committers: WorkerPool
  }

  /// A store that is not started; nothing is connected yet.
  public init(configuration: StoreConfiguration, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
    health = Health(logger: logger)
    id = UUIDText.random()
    nodes = configuration.node.map { [id, health] in
      Nodes(id: id, node: $0, configuration: configuration, health: health, logger: logger)
    }
    writer = Writer(queue: queue, health: health, configuration: configuration, nodes: nodes)
    listener = Listener(configuration: configuration, health: health, nodes: nodes)
    nodes?.setMissedHandler { [listener] ids in listener.look(at: ids) }
    auditor = Auditor(configuration: configuration, health: health, logger: logger)
    housekeeper = Housekeeper(configuration: configuration, health: health, nodes: nodes, logger: logger)
  }

  deinit { stop() }

  /// How the store is and what it has done.
  public var status: StoreStatus {
    var status = health.status
    status.maximumPendingBytes = configuration.maximumPendingBytes
    (status.waitingReads, status.waitingCommits) = threads.withLock {
      ($0?.readers.waiting ?? 0, $0?.committers.waiting ?? 0)
    }
    queue.change { queue in
      status.pendingAppends = queue.pendingAppends
      status.pendingBytes = queue.pendingBytes
    }
    return status
  }

  // MARK: Coming and going

  /// Brings the schema to where this binary needs it. Blocks; several may try at once. Returns the numbers of the
  /// migrations that it applied.
  @discardableResult
  public func migrate() throws(MigrationError) -> [Int] {
    try migrator().migrate()
  }

  /// Where the schema is. Blocks; throws where this binary cannot work with the database.
  public func schemaStatus() throws(MigrationError) -> SchemaStatus {
    try migrator().status()
  }

  private func migrator() throws(MigrationError) -> Migrator {
    let connection = PostgresConnection(conninfo: configuration.conninfo, name: "heddle migrations")
    do { try connection.connect() } catch { throw .database(error) }
    var migrator = Migrator(connection: connection)
    migrator.onWait = { [logger] in logger.notice("the migration of the database waits", metadata: ["for": "\($0)"]) }
    if let folder = configuration.migrationFolder { migrator.migrations += try MigrationFolder.read(folder) }
    return migrator
  }

  /// Starts the threads, which connect by themselves and go on trying. Once.
  public func start() {
    let (configuration, health, writer, listener) = (configuration, health, writer, listener)
    let (auditor, housekeeper) = (auditor, housekeeper)
    let isReadOnly = configuration.isReadOnly
    let readOnly = isReadOnly ? ["set default_transaction_read_only = on"] : []
    threads.withLock { threads in
      precondition(threads == nil, "a store is started once")
      var running = Threads(
        readers: WorkerPool(count: configuration.readers) {
          Session(configuration, role: "reader", health: health, commands: ["set lock_timeout = '5s'"] + readOnly)
        },
        committers: WorkerPool(count: configuration.committers) {
          let timeout = "set lock_timeout = \(Int(configuration.lockTimeout / .milliseconds(1)))"
          return Session(configuration, role: "committer", health: health, commands: [timeout] + readOnly)
        })
      if !isReadOnly {
        running.writer = ServiceThread { writer.run() }
        running.others = [
          ServiceThread { listener.run() }, ServiceThread { auditor.run() }, ServiceThread { housekeeper.run() },
        ]
      }
      threads = running
    }
    nodes?.start()
  }

  /// Writes what is pending, finishes what is under way and ends the threads. What cannot be written because the
  /// database is away is given up: it was never acknowledged.
  public func stop() {
    guard let running = threads.withLock({ $0 }) else { return }
    stopping.set()
    auditor.stop()
    housekeeper.stop()
    writer.stop()
    running.writer?.join()
    running.committers.stop()
    running.readers.stop()
    nodes?.stop()
    listener.stop()
    for thread in running.others { thread.join() }
    threads.withLock { $0 = nil }
  }

  /// Sets who is told of documents whose rows changed, by the id of the workflow. A hint: it may come twice, and it
  /// comes again with every poll until the document is merged.
  public func onRowsChanged(_ handler: @escaping @Sendable (String) -> Void) {
    listener.setHandler(handler)
  }

  /// Sets who is told of documents that were replaced, by the id of the workflow, and with nil when any may have been. A hint as
  /// well: a server that missed it finds out when it next writes to the document.
  public func onDocumentReplaced(_ handler: @escaping @Sendable (String?) -> Void) {
    listener.setReplacementHandler(handler)
  }

  /// Sets who is told when another database answers than before, which may lack what was stored last.
  public func onFailover(_ handler: @escaping @Sendable () -> Void) {
    listener.setFailoverHandler(handler)
  }

  // MARK: Documents

  /// Reads a live document, making it from the rows if there is none; nil where there are no rows either.
  public func open(_ name: DocumentName, _ completion: @escaping Completion<StoredDocument?>) {
    queue.change { $0.accept(name) }
    read(completion) { try DocumentReader.open(name, $0) }
  }

  /// Adds an update to a document's log, and who made it. Completes with its number in the log when it is committed, in the
  /// order of the calls. Fails as unknown where the document is another one than that of `incarnation`. O(1).
  public func append(
    _ name: DocumentName, incarnation: Int64? = nil, _ update: [UInt8], by author: Actor = .member,
    _ completion: @escaping Completion<Int64>
  ) {
    do throws(StoreError) {
      try queue.change { (queue) throws(StoreError) in
        try queue.append(
          AppendQueue.Append(
            document: name, incarnation: incarnation, update: update, author: author, completion: completion),
          limit: configuration.maximumPendingBytes)
      }
    } catch {
      completion(.failure(error))
    }
  }

  /// What a document's log holds behind a number, and its base, with the records behind `reconciliation` of what servers
  /// did to it.
  public func readLog(
    _ name: DocumentName, after sequence: Int64, reconciliation: Int64 = 0,
    _ completion: @escaping Completion<LogTail>
  ) {
    read(completion) { connection in
      let tail = try DocumentReader.readLog(name, after: sequence, reconciliation: reconciliation, connection)
      guard let tail else { throw StoreError.unknownDocument }
      return tail
    }
  }

  /// Makes a commit if nobody was faster, after everything that was appended before. Exactly once: where the answer of
  /// the database gets lost it is asked again.
  public func commit(_ commit: ServerCommit, _ completion: @escaping Completion<CommitOutcome>) {
    let pool = threads.withLock { $0?.committers }
    let runner = CommitRunner(commit: commit, limit: configuration.activationLimit, stopping: stopping)
    let work = WorkerPool.Work.trying(Retry(attempts: configuration.lockAttempts), runner.run) { [nodes] result in
      completion(result)
      if case .success(.committed(let made)) = result {
        nodes?.grew([DocumentGrowth(workflowID: commit.document.workflowID, sequence: made.lastSequence)])
      }
    }
    afterAppends(to: commit.document, completion) {
      let isTaken = pool?.submit(work)
      if isTaken != true { completion(.failure(.stopped)) }
    }
  }

  /// Stores a state that covers the log up to a number, and drops what it makes superfluous. If it cannot be stored
  /// nothing is lost, so nobody is told.
  public func checkpoint(
    _ name: DocumentName, incarnation: Int64? = nil, state: [UInt8], through sequence: Int64
  ) {
    let (count, limits) = (configuration.retainedCheckpoints, BlameLimits(configuration))
    _ = threads.withLock { $0?.committers }?.submit { [logger, nodes] session in
      do throws(StoreError) {
        try session.perform {
          guard try nodes?.checkpoints(name.workflowID, $0) ?? true else { return }
          try Checkpoints.store(name, incarnation, state, through: sequence, retaining: count, limits, $0)
        }
      } catch {
        logger.warning("a checkpoint could not be stored", metadata: ["document": "\(name)", "error": "\(error)"])
      }
    }
  }

  /// The documents of which `compact` could drop something: with at least so many entries of the log behind the newest state, or
  /// more states than are retained.
  public func compactableDocuments(entries: Int, _ completion: @escaping Completion<[String]>) {
    let count = configuration.retainedCheckpoints
    read(completion) { try Checkpoints.compactable(entries: entries, retaining: count, $0) }
  }

  /// Stores the state of a document and drops what that makes superfluous. Nothing of what the document is or was written by is
  /// lost, and servers that have it open go on.
  public func compact(_ name: DocumentName, _ completion: @escaping Completion<Compaction>) {
    let (count, limits) = (configuration.retainedCheckpoints, BlameLimits(configuration))
    read(completion) { try Checkpoints.compact(name, retaining: count, limits, $0) }
  }

  /// The workflows whose documents have to be merged with their rows. What `onRowsChanged` tells of by itself.
  public func staleDocuments(_ completion: @escaping Completion<[String]>) {
    read(completion) { try StaleDocuments.findAll($0) }
  }

  // MARK: Records

  /// Notes that conflicts have nothing to choose any more, with the reason. If it cannot be stored nothing is lost: it
  /// shows again when the document is next opened.
  public func closeConflicts(_ name: DocumentName, _ closed: [ConflictClosure]) {
    _ = threads.withLock { $0?.committers }?.submit { [logger] session in
      do throws(StoreError) {
        try session.perform { try Records.close(closed, of: name.workflowID, $0) }
      } catch {
        logger.warning("conflicts were not closed", metadata: ["document": "\(name)", "error": "\(error)"])
      }
    }
  }

  /// The conflicts of a workflow, oldest first: all of them, or those of a status, or those with the ids.
  public func readConflicts(
    _ workflowID: String, status: ConflictRecord.Status? = nil, ids: [ConflictRecord.ID]? = nil,
    _ completion: @escaping Completion<[ConflictRecord]>
  ) {
    read(completion) { try Records.conflicts(of: workflowID, status: status, ids: ids, $0) }
  }

  /// A page of a workflow's conflicts, newest first: those before the one of this id.
  public func readConflicts(
    _ workflowID: String, status: ConflictRecord.Status?, before id: ConflictRecord.ID, limit: Int,
    _ completion: @escaping Completion<[ConflictRecord]>
  ) {
    read(completion) { try Records.conflicts(of: workflowID, status: status, before: id, limit: limit, $0) }
  }

  /// The entities that have got other ids since a record, in the order in which that happened.
  public func readRenames(
    _ workflowID: String, after number: Int64, _ completion: @escaping Completion<[Rename]>
  ) {
    read(completion) { try Records.renames(of: workflowID, after: number, $0) }
  }

  /// The newest records of what servers did to a document, newest first, or those before a number.
  public func readReconciliations(
    _ workflowID: String, before number: Int64 = .max, limit: Int = 50,
    _ completion: @escaping Completion<[ReconciliationRecord]>
  ) {
    read(completion) { try Records.reconciliations(of: workflowID, before: number, limit: limit, $0) }
  }

  /// The newest merges of changed rows and of branches, of all workflows, newest first.
  public func readRecentReconciliations(limit: Int, _ completion: @escaping Completion<[RecentReconciliation]>) {
    read(completion) { try Records.recentReconciliations(limit: limit, $0) }
  }

  /// A document and who wrote what in it; nil where nobody has opened it yet.
  public func readBlame(_ name: DocumentName, _ completion: @escaping Completion<StoredBlame?>) {
    let precision = BlameLimits(configuration).precision
    read(completion) { try Blame.read(name, precision: precision, $0) }
  }

  // MARK: Rows

  /// A workflow as its rows hold it now; nil where there is none.
  public func readRows(_ workflowID: String, _ completion: @escaping Completion<WorkflowRows?>) {
    read(completion) { try WorkflowReader.read(workflowID, $0) }
  }

  /// A workflow as it was saved under a lock version; nil where there is no such version.
  public func readVersion(_ workflowID: String, _ version: Int, _ completion: @escaping Completion<WorkflowRows?>) {
    read(completion) { try VersionReader.read(workflowID, version, $0) }
  }

  /// A page of the projects by name, with what lists show of their workflows: those behind the project `after`, nil for
  /// the first ones.
  public func listProjects(
    for viewer: ProjectViewer = .everybody, after: String? = nil, limit: Int = 50,
    _ completion: @escaping Completion<[ProjectSummary]>
  ) {
    let age = configuration.presenceAge
    read(completion) { try ProjectLister.page(for: viewer, after: after, limit: limit, presenceAge: age, $0) }
  }

  /// The saved versions of a workflow before one, newest first.
  public func readVersions(
    _ workflowID: String, before version: Int = Int(Int32.max), limit: Int = 50,
    _ completion: @escaping Completion<[VersionRecord]>
  ) {
    read(completion) { try VersionReader.list(workflowID, before: version, limit: limit, $0) }
  }

  /// A project with everything in it; nil where there is none.
  public func readProject(_ id: String, _ completion: @escaping Completion<ProjectContent?>) {
    read(completion) { try ProjectReader.read(id, $0) }
  }

  /// Changes a project, or makes it: all of it or nothing.
  ///
  /// `body` gets what there is (nil for a new project) and those of `mentionedIDs` that belong to other projects, and
  /// returns what is to be. It runs on a thread of the store, inside the transaction, perhaps more than once. What it
  /// throws comes back, as does `ValidationErrors` where the database refuses a workflow. Workflows that the result
  /// leaves out stay; a changed one gets a new lock version and a snapshot.
  public func updateProject(
    _ id: String, mentionedIDs: Set<String>, provenance: Provenance,
    _ body: @escaping @Sendable (ProjectContent?, Set<String>) throws -> ProjectContent,
    _ completion: @escaping @Sendable (Result<ProjectUpdate, any Error>) -> Void
  ) {
    let change = ProjectChange(projectID: id, mentionedIDs: mentionedIDs, provenance: provenance, body: body)
    updateProject(change, completion)
  }

  /// The same, with the conflicts of a merge.
  public func updateProject(
    _ change: ProjectChange, _ completion: @escaping @Sendable (Result<ProjectUpdate, any Error>) -> Void
  ) {
    let change = change.limited(by: configuration.activationLimit)
    // Once more, it finds nothing left to change.
    commitWork(completion) { try change.transaction($0).run() }
  }

  /// Changes one workflow's rows as a save does; nil where it is gone. `body` gets the rows and returns the content that is to
  /// be; it runs on a thread of the store, inside the transaction, perhaps more than once. What it throws comes back, as
  /// does `ValidationErrors` where the database refuses the content. Where nothing changes, nothing is written. `event` is
  /// what the audit calls it.
  public func updateWorkflow(
    _ id: String, provenance: Provenance, event: String,
    _ body: @escaping @Sendable (WorkflowRows) throws -> WorkflowContent,
    _ completion: @escaping @Sendable (Result<WorkflowRows?, any Error>) -> Void
  ) {
    let limit = configuration.activationLimit
    commitWork(completion) { connection in
      try WorkflowTransaction(
        id: id, provenance: provenance, event: event, body: body, limit: limit, connection: connection
      ).run()
    }
  }

  // MARK: Helpers

  /// Goes on when everything that was appended to a document so far is committed.
  func afterAppends<Value>(
    to document: DocumentName, _ completion: @escaping Completion<Value>, _ body: @escaping @Sendable () -> Void
  ) {
    guard !health.isAway else { return completion(.failure(.unavailable)) }
    let context = RequestContext.current
    let barrier = AppendQueue.Barrier(document: document) { result in
      RequestContext.$current.withValue(context) {
        switch result {
        case .success: body()
        case .failure(let error): completion(.failure(error))
        }
      }
    }
    do throws(StoreError) {
      try queue.change { (queue) throws(StoreError) in try queue.add(barrier) }
    } catch {
      completion(.failure(error))
    }
  }

  /// Has a committer do something that may be repeated when it may have been done. While the database is away that fails at once:
  /// committers may be busy then with finding out what became of what they did last.
  func commitWork<Value>(
    _ completion: @escaping @Sendable (Result<Value, any Error>) -> Void,
    _ body: @escaping @Sendable (PostgresConnection) throws -> Value
  ) {
    guard !health.isAway else { return completion(.failure(StoreError.unavailable)) }
    let retry = Retry(attempts: configuration.lockAttempts, isRepeatable: true)
    let work = WorkerPool.Work.trying(retry) { (session, retry) -> Result<Value, any Error>? in
      do {
        return try retry.run(session, body).map { .success($0) }
      } catch {
        return .failure(error)
      }
    } completion: {
      completion($0)
    }
    let isTaken = threads.withLock { $0?.committers }?.submit(work)
    if isTaken != true { completion(.failure(StoreError.stopped)) }
  }

  /// Has a reader do something.
  func read<Value>(
    _ completion: @escaping Completion<Value>, _ body: @escaping @Sendable (PostgresConnection) throws -> Value
  ) {
    let isTaken = threads.withLock { $0?.readers }?.submit { session in
      completion(Result { () throws(StoreError) in try session.perform(body) })
    }
    if isTaken != true { completion(.failure(.stopped)) }
  }

  /// Waits for the completion of a call, for callers that may block.
  ///
  ///     let rows = try store.wait { store.readRows(id, $0) }
  public func wait<Value: Sendable, Failure: Error>(
    _ call: (@escaping @Sendable (Result<Value, Failure>) -> Void) -> Void
  ) throws(Failure) -> Value {
    let answer = Monitor<Result<Value, Failure>?>(nil)
    call { result in answer.change { $0 = result } }
    while true {
      if let result = answer.wait(until: { $0 }) { return try result.get() }
    }
  }
}
