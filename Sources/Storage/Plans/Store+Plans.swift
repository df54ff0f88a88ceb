public import Workflow

extension Store {
  /// Works out what a change of a project would do, without writing anything but the plan.
  ///
  /// `evaluate` makes the plan of the preview and says what it holds for; `document` is what is to be imported then. It
  /// runs on a thread of the store, perhaps more than once. What it throws comes back, as does all that
  /// `updateProject` throws.
  public func planImport<Plan: Sendable>(
    _ change: ProjectChange, document: JSONValue,
    _ evaluate: @escaping @Sendable (ImportPreview) throws -> (plan: Plan, versions: JSONValue),
    _ completion: @escaping @Sendable (Result<(id: String, plan: Plan), any Error>) -> Void
  ) {
    let configuration = configuration
    let change = change.limited(by: configuration.activationLimit)
    commitWork(completion) { connection in
      let rehearsal = Rehearsal(change: change, presenceAge: configuration.presenceAge, connection: connection)
      let (plan, versions) = try evaluate(try rehearsal.run())
      let id = try Plans.insert(document, of: change.projectID, versions: versions, configuration, connection)
      return (id: id, plan: plan)
    }
  }

  /// Works out what a change of a project would do, and writes nothing. `evaluate` and what is thrown as in `planImport`.
  public func previewImport<Preview: Sendable>(
    _ change: ProjectChange, _ evaluate: @escaping @Sendable (ImportPreview) throws -> Preview,
    _ completion: @escaping @Sendable (Result<Preview, any Error>) -> Void
  ) {
    let age = configuration.presenceAge
    let change = change.limited(by: configuration.activationLimit)
    commitWork(completion) { try evaluate(try Rehearsal(change: change, presenceAge: age, connection: $0).run()) }
  }

  /// A plan that can be applied; fails with `PlanError` where it cannot.
  public func readPlan(_ id: String, _ completion: @escaping @Sendable (Result<StoredPlan, any Error>) -> Void) {
    commitWork(completion) { connection in
      guard case .open(let plan) = try Plans.read(id, connection) else { throw PlanError.applied }
      return plan
    }
  }

  /// Changes a project if `condition` throws nothing about what that would do. What it judged is so when it is done, or it
  /// judges again. With a plan, that is applied by it, once.
  public func updateProject(
    _ change: ProjectChange, applying plan: String? = nil,
    if condition: @escaping @Sendable (ImportPreview) throws -> Void,
    _ completion: @escaping @Sendable (Result<ProjectUpdate, any Error>) -> Void
  ) {
    let work = CheckedImport(
      change: change.limited(by: configuration.activationLimit), plan: plan, presenceAge: configuration.presenceAge,
      condition: condition)
    commitWork(completion) { try work.run($0) }
  }

  /// How often a server has to renew what it says about who has documents open.
  public var presenceRenewal: Duration { configuration.presenceAge / 3 }

  /// Writes who has documents open on a server, and which documents of it nobody has open any more.
  public func writePresences(
    _ presences: [String: DocumentPresence], gone: [String], node: String,
    _ completion: @escaping @Sendable (Result<Void, any Error>) -> Void
  ) {
    let age = configuration.presenceAge
    commitWork(completion) { try Presences.write(presences, gone: gone, node: node, age: age, $0) }
  }

  /// Takes back all that a server said about who has documents open.
  public func removePresences(
    node: String, _ completion: @escaping @Sendable (Result<Void, any Error>) -> Void
  ) {
    commitWork(completion) { try Presences.remove(node: node, $0) }
  }

  /// A name for a server, by which it finds its rows.
  public static func newNodeID() -> String { UUIDText.random() }
}
