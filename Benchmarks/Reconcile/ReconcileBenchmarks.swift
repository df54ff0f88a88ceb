import CAllocations
import Glibc
import Logging
import Storage
import TestSupport
import Workflow
import YCRDT
import YProtocol

/// Whole reconciles on a private Postgres with real commits, from the hint that rows have changed to the commit of the
/// merge: workflows of several sizes, of which nothing to all has changed, with people's unsaved edits in ten jobs.
///
/// CPU and allocations are those of all threads of this process, without Postgres'. Each reconcile includes one read of
/// the rows, which the table has by itself as well.
enum ReconcileBenchmarks {
  private static let project = "11111111-1111-4111-8111-111111111111"
  private static let sizes: [(jobs: Int, runs: Int)] = [(5, 9), (50, 9), (500, 7), (10_000, 3)]

  static func run() throws {
    try MergeBenchmarks.run()
    let directory = TestPostgres.makeDirectory()
    let logger = Logger(label: "benchmark") { _ in SilentLog() }
    let cluster = EmbeddedCluster(directory: directory, logger: logger)
    try cluster.start()
    defer { cluster.stop() }
    let store = Store(configuration: StoreConfiguration(conninfo: cluster.conninfo), logger: logger)
    try store.migrate()
    store.start()
    defer { store.stop() }
    print("\n" + header)
    for (number, size) in sizes.enumerated() {
      try Site(store, try PlainConnection(cluster.conninfo), number, jobs: size.jobs).measure(runs: size.runs)
    }
  }

  private static var header: String {
    line(["jobs", "changed"], ["read ms", "CPU", "allocs"], ["live ms", "CPU", "x read", "allocs", "update B"])
      + columns(["cold ms", "CPU", "x read", "allocs"], width: 9)
  }

  private static func line(_ name: [String], _ read: [String], _ live: [String]) -> String {
    columns(name, width: 8) + columns(read, width: 9) + columns(live, width: 9)
  }

  private static func columns(_ texts: [String], width: Int) -> String {
    texts.map { String(repeating: " ", count: max(1, width - $0.count)) + $0 }.joined() + "  |"
  }

  /// What something took.
  private struct Cost {
    var time = 0.0
    var processor = 0.0
    var allocations = 0

    static func of(_ body: () throws -> Void) rethrows -> Cost {
      let (allocations, processor) = (heddle_allocation_count(), processorTime())
      let time = try ContinuousClock().measure(body).milliseconds
      return Cost(
        time: time, processor: processorTime() - processor, allocations: Int(heddle_allocation_count() - allocations))
    }

    static func median(of costs: [Cost]) -> Cost {
      func middle<Value: Comparable>(_ values: [Value]) -> Value { values.sorted()[values.count / 2] }
      return Cost(
        time: middle(costs.map(\.time)), processor: middle(costs.map(\.processor)),
        allocations: middle(costs.map(\.allocations)))
    }

    /// Milliseconds of CPU that this process has had.
    private static func processorTime() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
      return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
    }

    func columns(comparedTo read: Cost? = nil) -> [String] {
      let ratio = read.map { [Stopwatch.format(processor / $0.processor, digits: 1)] } ?? []
      return [Stopwatch.format(time, digits: 2), Stopwatch.format(processor, digits: 2)] + ratio + ["\(allocations)"]
    }
  }

  /// One workflow and its document, with unsaved edits in ten of its jobs.
  private struct Site {
    let store: Store
    let connection: PlainConnection
    let content: WorkflowContent
    let name: DocumentName

    init(_ store: Store, _ connection: PlainConnection, _ number: Int, jobs: Int) throws {
      (self.store, self.connection) = (store, connection)
      let content = SampleWorkflow.content(jobs: jobs, id: number)
      self.content = content
      name = DocumentName(workflowID: content.id)
      _ = try store.wait { done in
        store.updateProject(
          project, mentionedIDs: [], provenance: .unknown,
          { old, _ in
            var new = old ?? ProjectContent(id: project, name: "Benchmark")
            new.workflows.append(
              WorkflowRows(content: content, projectID: project, lockVersion: 0, revision: 0))
            return new
          }, done)
      }
      try connection.run("vacuum analyze")
    }

    func measure(runs: Int) throws {
      let room = RoomDriver(name, store)
      try room.handle(.join(1, isReadOnly: false))
      for update in try unsavedEdits() { try room.handle(.message(1, .update(update))) }
      let read = Cost.median(
        of: try (0..<runs).map { _ in try Cost.of { _ = try store.wait { store.readRows(name.workflowID, $0) } } })
      let counts = [0, 1, 10].filter { $0 < content.jobs.count } + [content.jobs.count]
      let live = try counts.map { count in
        try reconcile(changed: count, runs: runs) { try $0(room) }
      }
      try room.close()
      let cold = try counts.map { count in
        try reconcile(changed: count, runs: runs) { body in
          let room = RoomDriver(name, store)
          try body(room)
          try room.close()
        }
      }
      for (index, count) in counts.enumerated() {
        print(
          line(
            ["\(content.jobs.count)", count == content.jobs.count ? "all" : "\(count)"], read.columns(),
            live[index].cost.columns(comparedTo: read) + ["\(live[index].update)"])
            + columns(cold[index].cost.columns(comparedTo: read), width: 9))
      }
    }

    /// The cost of a reconcile after so many texts were changed in the rows; `with` provides the room.
    private func reconcile(
      changed count: Int, runs: Int, with: ((RoomDriver) throws -> Void) throws -> Void
    ) throws -> (cost: Cost, update: Int) {
      var (costs, bytes): ([Cost], [Int]) = ([], [])
      for run in 0..<runs {
        try change(count, run)
        try with { room in
          room.commit = nil
          costs.append(try Cost.of { try room.handle(.rowsChanged) })
          precondition(room.commit != nil, "nothing was reconciled")
          bytes.append(room.commit?.update.count ?? 0)
        }
      }
      return (Cost.median(of: costs), bytes.sorted()[bytes.count / 2])
    }

    /// Changes a line in the texts of `count` jobs, or with 0 the revision alone.
    private func change(_ count: Int, _ run: Int) throws {
      let id = content.id
      guard count > 0 else {
        try connection.run("update workflows set revision = -1 where id = '\(id)'")
        return
      }
      let jobs = content.jobs
      _ = try store.wait { done in
        store.updateWorkflow(
          id, provenance: .unknown, event: "edited",
          { rows in
            var content = rows.content
            for index in 0..<count {
              content.jobs[index].body = SampleWorkflow.edited(jobs[index].body, count * 100 + run)
            }
            return content
          }, done)
      }
    }

    private func unsavedEdits() throws -> [[UInt8]] {
      guard let stored = try store.wait({ store.open(name, $0) }) else { return [] }
      let doc = Doc(clientID: 4_000_000_001)
      for update in stored.updates { try doc.apply(update) }
      var updates: [[UInt8]] = []
      let subscription = doc.observeUpdates { updates.append($0.update) }
      defer { subscription.cancel() }
      for index in 0..<min(10, content.jobs.count) {
        let job = doc.array(WorkflowDocument.jobsRoot)[index].map
        try doc.transact { try job?["body"]?.text?.insert("// unsaved\n", at: 0) }
      }
      return updates
    }
  }
}
