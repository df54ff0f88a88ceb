import Storage

/// The page at `/metrics`.
struct MetricsPage {
  let text: String

  init(
    network: NetworkStatistics, directory: RoomDirectory, store: StoreStatus, http: HTTPStatistics,
    nodes: NodesStatus?, syncs: SyncStatistics?
  ) {
    var page = PrometheusText()
    Self.write(network, to: &page)
    Self.write(directory, to: &page)
    Self.write(store, to: &page)
    Self.writeWaiting(store, to: &page)
    Self.write(http, to: &page)
    Self.write(ProcessStatistics(), to: &page)
    if let nodes { Self.write(nodes, to: &page) }
    if let syncs { Self.write(syncs, to: &page) }
    text = page.text
  }

  private static func write(_ network: NetworkStatistics, to page: inout PrometheusText) {
    page.gauge("heddle_connections", "Open websockets.", network.websockets)
    page.gauge("heddle_http_connections", "Open connections that speak HTTP.", network.httpConnections)
    page.gauge("heddle_lagging_connections", "Websockets that are behind and wait for a resync.", network.lagging)
    page.gauge("heddle_send_queue_bytes", "Bytes in all send queues.", Int(network.queuedBytes))
    page.counter("heddle_connections_refused_total", "Connections over the limit.", Int(network.refused))
    page.counter(
      "heddle_refusals_total", "What was turned away or held up, by the limit that was met.",
      network.refusals.map { (["limit": $0.rawValue], $1) })
    page.counter("heddle_received_messages_total", "Messages received.", Int(network.receivedMessages))
    page.counter("heddle_received_bytes_total", "Bytes received.", Int(network.receivedBytes))
    page.counter("heddle_sent_frames_total", "Frames sent.", Int(network.sentFrames))
    page.counter("heddle_sent_bytes_total", "Bytes sent.", Int(network.sentBytes))
    page.counter("heddle_socket_writes_total", "Writes that frames were sent in, many at once.", Int(network.writes))
  }

  private static func write(_ directory: RoomDirectory, to page: inout PrometheusText) {
    let rooms = directory.statistics
    page.gauge("heddle_rooms", "Open rooms.", directory.roomCount)
    page.gauge("heddle_members", "Members of all rooms.", directory.memberCount)
    page.gauge("heddle_pending_bytes", "Bytes of updates that are not committed yet.", directory.pendingBytes)
    page.counter("heddle_updates_total", "Updates of members.", rooms.updates)
    page.counter("heddle_update_bytes_total", "Bytes of updates of members.", rooms.updateBytes)
    page.counter("heddle_updates_rejected_total", "Updates that could not be applied.", rooms.rejectedUpdates)
    page.counter("heddle_reconciles_total", "Changes of rows merged into documents.", rooms.reconciles)
    page.counter("heddle_conflicts_total", "Conflicts recorded.", rooms.conflicts)
    page.counter("heddle_saves_total", "Documents saved to their rows.", rooms.saves)
    page.counter("heddle_stale_commits_total", "Commits for which somebody else was faster.", rooms.staleCommits)
    page.counter("heddle_checkpoints_total", "Checkpoints taken.", rooms.checkpoints)
    page.counter("heddle_resyncs_total", "Slow members brought up to date in place.", rooms.resyncs)
    page.counter(
      "heddle_unreadable_documents_total", "Documents that were not opened because they cannot be read.",
      rooms.unreadable)
    page.counter("heddle_document_loads_total", "Documents read from the database.", rooms.loads)
    page.counter(
      "heddle_trace_spans_dropped_total", "Spans that could not be written to the trace log, or came too fast.",
      directory.tracing.recorder?.dropped ?? 0)
    page.gauge("heddle_record_bytes", "Bytes that records of rooms take.", directory.records.usedBytes)
    page.counter("heddle_room_faults_total", "Rooms that ended by a fault.", directory.records.faults)
    page.counter("heddle_strangers_total", "Clients that came with an earlier history of a document.", rooms.strangers)
  }

  private static func write(_ store: StoreStatus, to page: inout PrometheusText) {
    page.gauge("heddle_database_reachable", "1 while the database answers.", store.isReachable ? 1 : 0)
    page.gauge(
      "heddle_database_writable",
      "0 since a write for which Postgres lacked room, memory or a primary, until one goes through.",
      store.writeFailure == nil ? 1 : 0)
    page.counter(
      "heddle_database_failovers_total", "Times that another database answered than before, such as a standby.",
      store.failovers)
    page.gauge("heddle_store_pending_bytes", "Bytes of updates that wait to be written.", store.pendingBytes)
    page.counter("heddle_appends_total", "Updates stored.", store.appends)
    page.counter("heddle_commits_total", "Group commits of updates.", store.commits)
    page.counter(
      "heddle_audited_documents_total", "Documents looked at whether what is stored fits together.",
      store.auditedDocuments)
    page.counter(
      "heddle_audit_differences_total", "What audits found in stored documents that does not fit together.",
      store.auditDifferences)
    page.counter(
      "heddle_retention_dropped_total", "Old versions and entries of audits that were let go of by policy.",
      RetainedKind.allCases.map { (["kind": $0.rawValue], store.retentionDropped[$0]) })
    page.gauge(
      "heddle_retention_due", "Those of them that were still there when this server last looked.",
      RetainedKind.allCases.map { (["kind": $0.rawValue], store.retentionDue[$0]) })
    page.gauge(
      "heddle_retention_referenced",
      "Old versions that stay since a table of somebody else's refers to them, when this server last looked.",
      store.retentionReferenced)
    page.counter(
      "heddle_retention_rounds_total", "How often this server looked for what the policy does not keep.",
      store.retentionRounds)
    page.counter("heddle_database_failures_total", "Connections lost or refused.", store.connectionFailures)
    page.histogram(
      "heddle_commit_seconds", "How long group commits took.", bounds: LatencyHistogram.bounds,
      counts: store.commitLatency.counts, sum: store.commitLatency.sum)
  }

  private static func write(_ syncs: SyncStatistics, to page: inout PrometheusText) {
    page.counter(
      "heddle_repository_syncs_total", "Syncs of repositories, those that found nothing new included.",
      syncs.counts.map { (["direction": $0.direction, "outcome": $0.outcome], $1) })
    page.gauge("heddle_repository_syncs_running", "Syncs of repositories that go on.", syncs.running)
    page.gauge(
      "heddle_repository_connections_failing", "Connections of repositories whose last sync failed, of all servers.",
      syncs.failingConnections)
    page.histogram(
      "heddle_repository_sync_seconds", "How long syncs of repositories took.", bounds: SyncStatistics.bounds,
      counts: syncs.durations, sum: syncs.seconds)
  }
}
