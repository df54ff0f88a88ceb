import Foundation
import Logging
import Provisioning
import Reconciliation
import Storage
import TestSupport
import Workflow

@testable import Gateway

/// The sample project on a database of its own, connected to a repository, and what syncs the two.
final class SyncSite {
  let psql: PlainConnection
  let store: Store
  let remote: GitRemote
  var syncer: RepositorySyncer
  let folder: URL
  let address: String

  static let specPath = "openfn-\(SampleProject.id)-spec.yaml"

  /// `files` are what the repository begins with; nil: it has no commit.
  init(
    _ files: [String: String?]? = [specPath: Spec().text], isPullOnly: Bool = false, configPath: String? = nil,
    configure: (inout RepositoryConfiguration) -> Void = { _ in }
  ) throws {
    address = try TestPostgres.makeDatabase()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    store = Store(configuration: StoreConfiguration(conninfo: address), logger: logger)
    try store.migrate()
    psql = try PlainConnection(address)
    try psql.run(SampleProject.sql)
    store.start()
    remote = try GitRemote()
    if let files { try remote.commit(files, message: "Begin") }
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-copies-\(UUID().uuidString)")
    var configuration = RepositoryConfiguration(folder: folder.path)
    configure(&configuration)
    syncer = RepositorySyncer(store: store, configuration: configuration, policy: .standard, logger: logger)
    let setup = RepositorySetup(
      url: remote.path, configPath: configPath, direction: isPullOnly ? "pull" : "both")
    let new = try setup.checked(for: SampleProject.id, .all)
    _ = try store.wait { [store] in store.addRepository(new, $0) }
  }

  deinit {
    store.stop()
    try? FileManager.default.removeItem(at: folder)
  }

  var connection: RepositoryConnection {
    get throws { try store.wait { store.readRepositories(project: SampleProject.id, $0) }[0] }
  }

  /// Syncs as whoever has the lease does.
  @discardableResult
  func sync(
    _ direction: SyncDirection = .pull, message: String? = nil, actor: Actor = Actor(type: "test")
  ) throws -> SyncResult {
    let claim = try store.wait { store.claimRepository(of: SampleProject.id, lease: .seconds(30), $0) }
    guard let claim else { throw SyncFailure.busy }
    return try syncer.perform(claim, SyncRequest(direction, cause: .command, actor: actor, message: message)).get()
  }

  /// Why a sync fails; nil where it does not.
  func failure(_ direction: SyncDirection = .pull) -> SyncFailure? {
    do {
      try sync(direction)
      return nil
    } catch {
      return error as? SyncFailure
    }
  }

  var history: [SyncRecord] {
    get throws { try store.wait { store.readSyncs(SampleProject.id, $0) } }
  }

  var project: ProjectContent {
    get throws { try store.wait { store.readProject(SampleProject.id, $0) }! }
  }

  /// The workflow with this name, as it was saved.
  func workflow(_ name: String = "Intake") throws -> WorkflowContent? {
    try project.workflows.first { $0.deletedAt == nil && $0.content.name == name }?.content
  }

  func body(_ job: String = "Fetch", of workflow: String = "Intake") throws -> String? {
    try self.workflow(workflow)?.jobs.first { $0.name == job }?.body
  }

  /// Somebody saves another body of a job.
  func save(_ body: String, of job: Int = 0) throws {
    try psql.run("update jobs set body = '\(body)' where id = '\(SampleProject.jobs[job])'")
  }

  func openConflicts() throws -> [ConflictRecord] {
    try store.wait { store.readConflicts(SampleProject.workflow, status: .open, $0) }
  }
}

/// A project file like the sample project.
struct Spec {
  var name = "sample"
  var workflow = "Intake"
  var fetch = "get(\"/patients\")"
  var load = "upsert(\"p\")"
  /// Further workflows, with one job each.
  var others: [String] = []
  /// Where the body of the first job is, if in a file of its own.
  var bodyPath: String?

  var text: String {
    var text = """
      name: \(name)
      workflows:
        intake:
          name: \(workflow)
          jobs:
            fetch:
              name: Fetch
              adaptor: "@openfn/language-common@latest"
              body: \(bodyPath.map { "{path: \($0)}" } ?? Self.block(fetch))
            load:
              name: Load
              adaptor: "@openfn/language-common@latest"
              body: \(Self.block(load))
          triggers:
            webhook:
              type: webhook
              enabled: true
          edges:
            webhook->fetch:
              source_trigger: webhook
              target_job: fetch
              condition_type: always
              enabled: true
            fetch->load:
              source_job: fetch
              target_job: load
              condition_type: on_job_success
              enabled: true

      """
    for name in others {
      text += """
          \(name.lowercased()):
            name: \(name)
            jobs:
              only:
                name: Only
                adaptor: "@openfn/language-common@latest"
                body: fn()
            triggers:
              webhook:
                type: webhook
                enabled: false
            edges:
              webhook->only:
                source_trigger: webhook
                target_job: only
                condition_type: always
                enabled: true

        """
    }
    return text
  }

  private static func block(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return "|-\n" + lines.map { "            \($0)" }.joined(separator: "\n")
  }
}
