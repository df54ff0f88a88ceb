/// Every path of the HTTP interface.
struct Routes {
  typealias Handler = (Call) -> Void

  private(set) var table = RouteTable<Handler>()

  init() {
    table.add("GET", "/", PageRoutes.index)
    table.add("GET", "/assets/:name", PageRoutes.asset)
    table.add("GET", "/healthz", OperationsRoutes.health)
    table.add("GET", "/readyz", OperationsRoutes.readiness)
    table.add("GET", "/metrics", OperationsRoutes.metrics)
    table.add("GET", "/api/projects", ProjectRoutes.list)
    table.add("GET", "/api/workflows/:id", WorkflowRoutes.read)
    table.add("POST", "/api/workflows/:id/save", WorkflowRoutes.save)
    table.add("POST", "/api/workflows/:id/reset", WorkflowRoutes.reset)
    table.add("GET", "/api/workflows/:id/versions", VersionRoutes.list)
    table.add("GET", "/api/workflows/:id/versions/:version", VersionRoutes.read)
    table.add("GET", "/api/workflows/:id/versions/:version/compare/:other", VersionRoutes.compare)
    table.add("POST", "/api/workflows/:id/versions/:version/restore", VersionRoutes.restore)
    table.add("GET", "/api/workflows/:id/conflicts", ConflictRoutes.list)
    table.add("POST", "/api/workflows/:id/conflicts/resolve", ConflictRoutes.resolveAll)
    table.add("POST", "/api/workflows/:id/conflicts/:conflict/resolve", ConflictRoutes.resolve)
    table.add("GET", "/api/workflows/:id/reconciliations", ReconciliationRoutes.list)
    table.add("POST", "/api/workflows/:id/reconciliations/:number/revert", ReconciliationRoutes.revert)
    table.add("GET", "/api/workflows/:id/blame", BlameRoutes.read)
    table.add("GET", "/api/workflows/:id/branches", BranchRoutes.list)
    table.add("GET", "/api/workflows/:id/branches/:number", BranchRoutes.read)
    table.add("POST", "/api/workflows/:id/branches/:number/merge", BranchRoutes.merge)
    table.add("POST", "/api/workflows/:id/branches/:number/discard", BranchRoutes.discard)
    table.add("POST", "/api/workflows/:id/renew", BranchRoutes.renew)
    table.add("POST", "/api/provision", ProvisionRoutes.importProject)
    table.add("GET", "/api/provision/:id", ProvisionRoutes.readProject)
    table.add("POST", "/hooks/imported", ProvisionRoutes.imported)
  }
}
