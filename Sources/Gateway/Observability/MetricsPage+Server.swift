import Storage

extension MetricsPage {
  /// The process, by the names that Prometheus' own clients use.
  static func write(_ process: ProcessStatistics, to page: inout PrometheusText) {
    page.gauge("process_resident_memory_bytes", "Memory that the process has.", process.residentBytes)
    page.counter("process_cpu_seconds_total", "Time that the process has computed.", process.cpuSeconds)
    page.gauge("process_open_fds", "Files and connections that are open.", process.openFiles)
    page.gauge("process_max_fds", "Files and connections that may be open.", process.maximumFiles)
    page.gauge("process_start_time_seconds", "When the process began, since 1970.", process.startTime)
  }

  static func write(_ http: HTTPStatistics, to page: inout PrometheusText) {
    page.counter(
      "heddle_http_requests_total", "Requests that were answered, by kind of status.",
      http.byStatus.map { (["status": $0.status], $0.count) })
    page.histogram(
      "heddle_http_request_seconds", "How long answers to requests took.", bounds: LatencyHistogram.bounds,
      counts: http.durations.counts, sum: http.durations.sum)
  }

  /// What servers hear of changed rows, and what waits for the database.
  static func writeWaiting(_ store: StoreStatus, to page: inout PrometheusText) {
    page.gauge("heddle_listener_connected", "1 while changes of rows are heard of.", store.isListening ? 1 : 0)
    page.gauge("heddle_poll_age_seconds", "How long ago changed rows were last looked for.", store.pollAge)
    page.gauge(
      "heddle_stale_documents", "Documents that the last look found not merged with their rows.", store.staleDocuments)
    page.gauge("heddle_stale_seconds", "How long the longest of these has waited.", store.staleTime)
    page.gauge(
      "heddle_store_pending_limit_bytes", "How much may wait to be written.", store.maximumPendingBytes)
    page.gauge(
      "heddle_database_jobs_waiting", "Work that waits for a connection to the database.",
      [(["pool": "readers"], store.waitingReads), (["pool": "committers"], store.waitingCommits)])
  }
}
