public import Logging
import Provisioning
public import Reconciliation
public import Storage
import Workflow

/// Keeps projects in their repositories, on threads of its own: looks at what is due, and does what is asked for.
///
/// Any number of servers may do that for one database: who syncs a connection has its lease.
public final class RepositoryService: Sendable {
  private let syncer: RepositorySyncer
  private let processes: GitProcesses
  private let state = Monitor(State())
  private let threads = Locked<[ServiceThread]>([])
  private let statisticsBox = Locked(SyncStatistics())

  /// How often it is looked what is due, without anything having been heard.
  private static let interval = Duration.seconds(1)
  /// How often failing connections are counted.
  private static let countInterval = Duration.seconds(10)
  /// How long it rests while somebody else has a connection that somebody waits for.
  private static let patience = Duration.milliseconds(100)
  /// Somebody waits for each of them; more are refused.
  private static let maximumJobs = 64

  private struct State {
    var isStopping = false
    /// Something may be due.
    var isWoken = false
    var jobs: [Job] = []
  }

  /// A sync that somebody waits for.
  private struct Job: Sendable {
    let projectID: String
    let request: SyncRequest
    let deadline: ContinuousClock.Instant
    let completion: @Sendable (Result<SyncResult, SyncFailure>) -> Void
  }

  /// A service that does nothing yet.
  public init(store: Store, configuration: RepositoryConfiguration, policy: Policy, logger: Logger) {
    processes = GitProcesses()
    syncer = RepositorySyncer(
      store: store, configuration: configuration, policy: policy, processes: processes, logger: logger)
  }

  /// What it has done so far.
  var statistics: SyncStatistics { statisticsBox.withLock { $0 } }

  // MARK: Coming and going

  /// Starts its threads. Once.
  public func start() {
    threads.withLock { threads in
      for number in 0..<max(1, syncer.configuration.workers) {
        threads.append(ServiceThread { [self] in work(isFirst: number == 0) })
      }
    }
  }

  /// Stops what goes on, whoever waits for it, and ends the threads.
  public func stop() {
    let waiting = state.change { state in
      state.isStopping = true
      defer { state.jobs = [] }
      return state.jobs
    }
    for job in waiting { job.completion(.failure(.stopped)) }
    processes.stop()
    for thread in threads.withLock({ $0 }) { thread.join() }
    threads.withLock { $0 = [] }
  }

  /// Has it look at once what is due.
  public func wake() {
    state.change { $0.isWoken = true }
  }

  /// Syncs the repository of a project now, and tells what came of it; `completion` is called on a thread of the service.
  public func sync(
    _ projectID: String, _ request: SyncRequest,
    _ completion: @escaping @Sendable (Result<SyncResult, SyncFailure>) -> Void
  ) {
    let job = Job(
      projectID: projectID, request: request, deadline: .now + syncer.configuration.requestTimeout,
      completion: completion)
    let refusal = state.change { state -> SyncFailure? in
      guard !state.isStopping else { return .stopped }
      guard state.jobs.count < Self.maximumJobs else { return .busy }
      state.jobs.append(job)
      return nil
    }
    if let refusal { completion(.failure(refusal)) }
  }

  // MARK: The threads

  private enum Task {
    case job(Job)
    case look
    case end
  }

  private func work(isFirst: Bool) {
    var nextCount = ContinuousClock.now
    while true {
      let task = state.wait(for: Self.interval) { state -> Task? in
        if state.isStopping { return .end }
        if !state.jobs.isEmpty { return .job(state.jobs.removeFirst()) }
        guard state.isWoken else { return nil }
        state.isWoken = false
        return .look
      }
      switch task ?? .look {
      case .end: return
      case .job(let job): perform(job)
      case .look: look()
      }
      if isFirst, ContinuousClock.now >= nextCount {
        nextCount = .now + Self.countInterval
        countFailing()
      }
    }
  }

  /// Does all that is due, as long as nobody waits for something.
  private func look() {
    while state.read({ !$0.isStopping && $0.jobs.isEmpty }) {
      let configuration = syncer.configuration
      let isPolling = configuration.pollInterval > .zero
      guard
        let claim = try? syncer.store.wait({
          syncer.store.claimDueRepository(lease: configuration.lease, polling: isPolling, $0)
        })
      else { return }
      let request = claim.request ?? SyncRequest(.pull, cause: .poll, actor: claim.connection.actor)
      _ = perform(claim, request)
    }
  }

  private func perform(_ job: Job) {
    guard let claim = claim(for: job) else { return }
    job.completion(perform(claim, job.request))
  }

  /// Waits until nobody else has the connection; nil where that takes too long, which the job was told.
  private func claim(for job: Job) -> RepositoryClaim? {
    let (store, lease) = (syncer.store, syncer.configuration.lease)
    while true {
      do {
        if let claim = try store.wait({ store.claimRepository(of: job.projectID, lease: lease, $0) }) { return claim }
      } catch {
        job.completion(.failure(SyncFailure(importing: error)))
        return nil
      }
      let isStopping = state.wait(for: Self.patience) { $0.isStopping ? true : nil } ?? false
      guard !isStopping, ContinuousClock.now < job.deadline else {
        job.completion(.failure(isStopping ? .stopped : .busy))
        return nil
      }
    }
  }

  private func perform(_ claim: RepositoryClaim, _ request: SyncRequest) -> Result<SyncResult, SyncFailure> {
    statisticsBox.withLock { $0.running += 1 }
    let started = ContinuousClock.now
    let result = syncer.perform(claim, request)
    statisticsBox.withLock { statistics in
      statistics.running -= 1
      let outcome = (try? result.get())?.outcome.rawValue ?? "failed"
      statistics.add(request.direction.rawValue, outcome, ContinuousClock.now - started)
    }
    countFailing()
    return result
  }

  private func countFailing() {
    let store = syncer.store
    guard let count = try? store.wait({ store.countFailingRepositories($0) }) else { return }
    statisticsBox.withLock { $0.failingConnections = count }
  }
}
