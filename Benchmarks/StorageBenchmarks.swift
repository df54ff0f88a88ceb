import Glibc
import Logging
import Storage
import Synchronization
import Workflow

/// The store on a private Postgres with real commits: appends of many rooms, opening, reading rows.
enum StorageBenchmarks {
  private static let project = "11111111-1111-4111-8111-111111111111"

  static func run() throws {
    var template = Array("/tmp/heddle-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return print("no directory under /tmp") }
    let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let logger = Logger(label: "benchmark")
    let cluster = EmbeddedCluster(directory: directory, logger: logger)
    try cluster.start()
    defer { cluster.stop() }
    let store = Store(configuration: StoreConfiguration(conninfo: cluster.conninfo), logger: logger)
    try store.migrate()
    store.start()
    defer { store.stop() }

    let names = try makeWorkflows(store, count: 1000, jobs: 2)
    for name in names { _ = try store.wait { store.open(name, $0) } }
    try appends(store, Array(names.prefix(1)), "1 document")
    try appends(store, names, "1000 documents")
    try latency(store, names, perSecond: 10_000)
    for jobs in [50, 500] {
      let name = try makeWorkflows(store, count: 1, jobs: jobs)[0]
      Stopwatch.row("\(jobs) jobs: made from its rows", milliseconds { _ = try? store.wait { store.open(name, $0) } })
      try Stopwatch.measure("\(jobs) jobs: opened") { _ = try store.wait { store.open(name, $0) } }
      try Stopwatch.measure("\(jobs) jobs: rows read") { _ = try store.wait { store.readRows(name.workflowID, $0) } }
    }
  }

  private static func milliseconds(_ body: () -> Void) -> String {
    Stopwatch.format(ContinuousClock().measure(body).milliseconds) + " ms"
  }

  private static func makeWorkflows(_ store: Store, count: Int, jobs: Int) throws -> [DocumentName] {
    let ids = (0..<count).map { _ in uuid() }
    let body = String(repeating: "fn(state => ({ ...state, done: true }));\n", count: 50)
    _ = try store.wait { done in
      store.updateProject(
        project, mentionedIDs: [], provenance: .unknown,
        { existing, _ in
          var content = existing ?? ProjectContent(id: project, name: "benchmark")
          content.workflows += ids.map { id in
            let jobs = (0..<jobs).map { Job(id: uuid(), name: "job \($0)", body: body) }
            let workflow = WorkflowContent(id: id, name: id, jobs: jobs)
            return WorkflowRows(content: workflow, projectID: project, lockVersion: 0, revision: 0)
          }
          return content
        }, done)
    }
    return ids.map { DocumentName(workflowID: $0) }
  }

  /// As many as go through, with at most 20,000 under way.
  private static func appends(_ store: Store, _ names: [DocumentName], _ what: String) throws {
    let total = 300_000
    let done = Atomic(0)
    let update = [UInt8](repeating: 7, count: 64)
    let commits = store.status.commits
    let time = ContinuousClock().measure {
      for index in 0..<total {
        while index - done.load(ordering: .relaxed) > 20_000 { usleep(50) }
        store.append(names[index % names.count], update) { _ in done.wrappingAdd(1, ordering: .relaxed) }
      }
      while done.load(ordering: .relaxed) < total { usleep(50) }
    }
    let rate = Double(total) / (time.milliseconds / 1000)
    Stopwatch.row(
      "appends, \(what)", "\(Int(rate)) a second, \(total / max(1, store.status.commits - commits)) to a transaction")
  }

  /// How long after an append its commit is known, at a steady rate.
  private static func latency(_ store: Store, _ names: [DocumentName], perSecond: Int) throws {
    let times = Mutex<[Double]>([])
    let update = [UInt8](repeating: 7, count: 64)
    let total = perSecond * 3
    let start = ContinuousClock.now
    for index in 0..<total {
      let due = start + .seconds(1) * (Double(index) / Double(perSecond))
      while ContinuousClock.now < due { usleep(20) }
      let begin = ContinuousClock.now
      store.append(names[index % names.count], update) { _ in
        let time = (ContinuousClock.now - begin).milliseconds
        times.withLock { $0.append(time) }
      }
    }
    while times.withLock({ $0.count }) < total { usleep(100) }
    let sorted = times.withLock { $0.sorted() }
    Stopwatch.row(
      "append to durable, \(perSecond) a second",
      "p50 \(Stopwatch.format(sorted[total / 2])) ms   p99 \(Stopwatch.format(sorted[total * 99 / 100])) ms")
  }

  private static func uuid() -> String {
    let digits = (0..<32).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
    var text = Array(digits)
    for place in [8, 13, 18, 23] { text.insert("-", at: place) }
    return String(text)
  }
}
