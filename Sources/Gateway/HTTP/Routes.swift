/// Every path of the HTTP interface.
struct Routes {
  /// What a path and method lead to, and what that demands of the caller.
  struct Route {
    let demand: Demand
    let handler: (Call) -> Void
  }

  private(set) var table = RouteTable<Route>()

  init() {
    add("GET", "/", .nothing, PageRoutes.index)
    add("GET", "/assets/:name", .nothing, PageRoutes.asset)
    add("GET", "/healthz", .nothing, OperationsRoutes.health)
    add("GET", "/readyz", .nothing, OperationsRoutes.readiness)
    add("GET", "/metrics", .server(.operate), OperationsRoutes.metrics)
    add("GET", "/api/projects", .token, ProjectRoutes.list)
    add("POST", "/api/projects/:id/workflows", .project(.edit), NewWorkflowRoutes.make)
    add("POST", "/api/projects/:id/workflow-name", .project(.edit), NewWorkflowRoutes.name)
    add("GET", "/api/projects/:id/sandboxes", .project(.read), SandboxRoutes.list)
    add("POST", "/api/projects/:id/sandboxes", .project(.sandbox), SandboxRoutes.make)
    add("POST", "/api/projects/:id/merge", .project(.merge), SandboxRoutes.merge)
    add("GET", "/api/projects/:id/repository", .project(.read), RepositoryRoutes.read)
    add("PUT", "/api/projects/:id/repository", .project(.connectRepository), RepositoryRoutes.add)
    add("DELETE", "/api/projects/:id/repository", .project(.connectRepository), RepositoryRoutes.remove)
    add("POST", "/api/projects/:id/repository/secret", .project(.connectRepository), RepositoryRoutes.renewSecret)
    add("POST", "/api/projects/:id/repository/sync", .project(.sync), RepositoryRoutes.sync)
    add("GET", "/api/projects/:id/repository/syncs", .project(.read), RepositoryRoutes.syncs)
    add("GET", "/api/me", .token, AccessRoutes.me)
    add("GET", "/api/rooms", .server(.operate), RoomRoutes.list)
    add("GET", "/api/nodes", .server(.operate), NodeRoutes.list)
    add("GET", "/api/differences", .server(.operate), DifferenceRoutes.list)
    add("GET", "/api/reconciliations", .server(.operate), RoomRoutes.recent)
    add("GET", "/api/workflows/:id", .workflow(.read), WorkflowRoutes.read)
    add("GET", "/api/workflows/:id/access", .workflow(.read), AccessRoutes.workflow)
    add("GET", "/api/workflows/:id/changes", .workflow(.read), ChangesRoutes.read)
    add("PATCH", "/api/workflows/:id", .workflow(.edit), PatchRoutes.patch)
    add("POST", "/api/workflows/:id/save", .workflow(.save), WorkflowRoutes.save)
    add("POST", "/api/workflows/:id/save-and-sync", .workflow(.save), SaveAndSync.answer)
    add("POST", "/api/workflows/:id/reset", .workflow(.reset), WorkflowRoutes.reset)
    add("GET", "/api/workflows/:id/versions", .workflow(.read), VersionRoutes.list)
    add("GET", "/api/workflows/:id/versions/:version", .workflow(.read), VersionRoutes.read)
    add("GET", "/api/workflows/:id/versions/:version/compare/:other", .workflow(.read), VersionRoutes.compare)
    add("POST", "/api/workflows/:id/versions/:version/restore", .workflow(.decide), VersionRoutes.restore)
    add("GET", "/api/workflows/:id/conflicts", .workflow(.read), ConflictRoutes.list)
    add("POST", "/api/workflows/:id/conflicts/resolve", .workflow(.decide), ConflictRoutes.resolveAll)
    add("POST", "/api/workflows/:id/conflicts/:conflict/resolve", .workflow(.decide), ConflictRoutes.resolve)
    add("GET", "/api/workflows/:id/reconciliations", .workflow(.read), ReconciliationRoutes.list)
    add("POST", "/api/workflows/:id/reconciliations/:number/revert", .workflow(.decide), ReconciliationRoutes.revert)
    add("GET", "/api/workflows/:id/record", .server(.operate), RecordRoutes.read)
    add("GET", "/api/workflows/:id/blame", .workflow(.read), BlameRoutes.read)
    add("GET", "/api/workflows/:id/branches", .workflow(.read), BranchRoutes.list)
    add("GET", "/api/workflows/:id/branches/:number", .workflow(.read), BranchRoutes.read)
    add("POST", "/api/workflows/:id/branches/:number/merge", .workflow(.decide), BranchRoutes.merge)
    add("POST", "/api/workflows/:id/branches/:number/discard", .workflow(.decide), BranchRoutes.discard)
    add("POST", "/api/workflows/:id/renew", .workflow(.renew), BranchRoutes.renew)
    add("POST", "/api/provision", .token, ProvisionRoutes.importProject)
    add("GET", "/api/provision/yaml", .queriedProject(.export), ExportRoutes.queriedFile)
    add("GET", "/api/provision/:id.yaml", .project(.export), ExportRoutes.file)
    add("GET", "/api/provision/:id", .project(.export), ExportRoutes.project)
    add("POST", "/api/tokens", .server(.connect), TokenRoutes.make)
    add("POST", "/hooks/git/:id", .nothing, HookRoutes.receive)
    add("POST", "/hooks/imported", .token, ProvisionRoutes.imported)
  }

  private mutating func add(
    _ method: String, _ pattern: String, _ demand: Demand, _ handler: @escaping (Call) -> Void
  ) {
    table.add(method, pattern, Route(demand: demand, handler: handler))
  }
}
