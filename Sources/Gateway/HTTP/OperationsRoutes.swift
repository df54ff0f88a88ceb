/// What those need who run the server: is it alive, can it work, what has it done.
enum OperationsRoutes {
  static func health(_ call: Call) {
    call.respond(.text(200, "ok\n"))
  }

  /// Red while the database cannot be reached, or takes no edits: nothing would be acknowledged.
  static func readiness(_ call: Call) {
    let status = call.gateway.store.status
    guard status.isReachable else {
      let reason = status.writeFailure.map { "the database cannot be written to: \($0)" }
      return call.respond(
        ErrorBody.response(503, "\(reason ?? "the database cannot be reached"); edits are kept but not saved"))
    }
    call.respond(.text(200, "ready\n"))
  }

  static func metrics(_ call: Call) {
    let page = MetricsPage(
      network: call.gateway.loop.statistics, directory: call.gateway.directory, store: call.gateway.store.status,
      http: call.gateway.loop.answers, nodes: call.gateway.store.nodesStatus,
      syncs: call.gateway.repositories?.statistics)
    call.respond(
      HTTPResponse(
        status: 200, headers: [(name: "content-type", value: PrometheusText.contentType)],
        body: Array(page.text.utf8)))
  }
}
