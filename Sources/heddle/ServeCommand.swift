import ArgumentParser
import Gateway
import Logging
import Provisioning
import Storage
import Workflow

/// `heddle serve`.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve documents until SIGINT or SIGTERM.")

  @OptionGroup(title: "Database") var database: DatabaseOptions
  @OptionGroup(title: "Network") var network: NetworkOptions
  @OptionGroup(title: "Access") var access: AccessOptions
  @OptionGroup(title: "Documents") var rooms: RoomOptions
  @OptionGroup(title: "Records") var records: RecordOptions
  @OptionGroup(title: "Audits") var audits: AuditOptions
  @OptionGroup(title: "Retention") var retention: RetentionServiceOptions
  @OptionGroup(title: "Scripts") var scripts: ScriptOptions
  @OptionGroup(title: "Project files") var formats: FormatOptions
  @OptionGroup(title: "Repositories") var repositories: RepositoryServiceOptions
  @OptionGroup(title: "Nodes") var nodes: NodeOptions
  @OptionGroup(title: "Logs") var logs: LogOptions
  @OptionGroup(title: "Traces") var traces: TraceOptions

  @Option(help: "A project file to import at start, if its project does not exist yet.")
  var sample: String = environmentDefault("sample", "")

  mutating func validate() throws {
    guard network.listen.isLoopback || access.isConfigured else {
      throw ValidationError(
        """
        --listen \(network.listen) can be reached from other machines, but no authentication is configured: anybody could read \
        and change every workflow. Configure it with --require-tokens, --jwt-secret-file or --jwks, or listen on 127.0.0.1 or \
        [::1], with a proxy that authenticates in front.
        """)
    }
  }

  func run() throws {
    Signals.block()
    let logger = logs.start()
    let manager = ServiceManager()
    OpenFiles.allow(connections: network.configuration.maximumConnections, logger: logger)
    try failing {
      let cluster = database.cluster(logger: logger)
      try cluster?.start()
      defer { cluster?.stop() }
      try serve(conninfo: cluster?.conninfo ?? database.databaseURL, manager, logger)
    }
  }

  private func serve(conninfo: String, _ manager: ServiceManager, _ logger: Logger) throws {
    var storage = database.configuration(conninfo: conninfo)
    storage.node = nodes.configuration()
    audits.apply(to: &storage)
    retention.apply(to: &storage)
    let store = Store(configuration: storage, logger: logger)
    let applied = try Signals.unblocked { try store.migrate() }
    if !applied.isEmpty { logger.notice("migrated the database", metadata: ["migrations": "\(applied)"]) }
    let ahead = try store.schemaStatus().ahead
    if !ahead.isEmpty {
      logger.notice(
        "a newer Heddle migrated the database, this one works with it", metadata: ["migrations": "\(ahead)"])
    }
    store.start()
    defer { store.stop() }
    try importSample(into: store)
    var configuration = GatewayConfiguration(network: network.configuration)
    configuration.maximumDocumentsPerConnection = network.maximumDocumentsPerConnection
    configuration.maximumRequestsPerConnection = network.maximumRequestsPerConnection
    configuration.maximumUnauthenticatedBytes = network.maximumUnauthenticatedBytes
    configuration.unusedTimeout = network.unusedTimeout
    configuration.authenticationTimeout = network.authenticationTimeout
    configuration.maximumDocumentsPerProject = network.maximumDocumentsPerProject
    configuration.echoesUpdates = network.echoUpdates
    configuration.maximumEchoBytes = network.maximumEchoBytes
    rooms.apply(to: &configuration)
    records.apply(to: &configuration)
    scripts.apply(to: &configuration)
    configuration.formats = formats.limits
    configuration.repositories = repositories.configuration(dataDir: database.dataDir)
    configuration.repositories?.formats = formats.limits
    configuration.authentication = try access.authentication(store, logger)
    configuration.origins = access.origins(isLoopback: network.listen.isLoopback)
    let traceLog = try traces.open()
    defer { traceLog?.stop() }
    configuration.network.tracing = traces.configuration(traceLog)
    let server = Server(store: store, configuration: configuration, logger: logger)
    let endpoints = try server.start()
    if let first = endpoints.first { store.setNodeAddress("\(first)") }
    for endpoint in endpoints { announce("Heddle listens on http://\(endpoint)") }
    try announceSample(endpoints.first, store)
    let watchdog = manager.watch(server, timeout: network.watchdogTimeout, logger)
    defer { watchdog.stop() }
    manager.tell(.ready)
    let signal = Signals.wait()
    logger.notice("draining", metadata: ["signal": "\(signal)"])
    manager.tell(.stopping)
    server.drain()
  }

  private func sampleImport(_ store: Store) throws -> ProjectImport {
    try ProjectInput(sample, limits: formats.limits).importing(into: nil, store)
  }

  private func importSample(into store: Store) throws {
    guard !sample.isEmpty else { return }
    let document = try sampleImport(store)
    guard let id = document.projectID, try store.wait({ store.readProject(id, $0) }) == nil else { return }
    try Imports(store: store, policy: .standard).make(document)
  }

  /// What to try first.
  private func announceSample(_ endpoint: ServerConfiguration.Endpoint?, _ store: Store) throws {
    guard !sample.isEmpty, let endpoint, let id = try sampleImport(store).projectID,
      let project = try store.wait({ store.readProject(id, $0) })
    else { return }
    announce("\nThe project '\(project.name)' has these workflows:")
    for workflow in project.workflows where workflow.deletedAt == nil {
      announce("  workflow:\(workflow.content.id)  \(workflow.content.name)")
    }
    let first = project.workflows.first?.content.id ?? "<uuid>"
    announce(
      """

      Try:
        make demo                                                   two editors and an importer at work
        curl http://\(endpoint)/api/workflows/\(first)
        new WebsocketProvider('ws://\(endpoint)/collab', 'workflow:\(first)', doc)
      """)
  }
}
