import Storage

extension MetricsPage {
  /// What there is to say of a server among others.
  static func write(_ nodes: NodesStatus, to page: inout PrometheusText) {
    let (bus, claims) = (nodes.bus, nodes.claims)
    page.gauge("heddle_nodes", "Servers of the same database, this one included.", nodes.nodes)
    page.gauge(
      "heddle_bus_connected", "1 while messages to and from other servers get through.", bus.isConnected ? 1 : 0)
    page.counter("heddle_bus_published_total", "Messages to other servers.", bus.published)
    page.counter("heddle_bus_published_bytes_total", "Bytes of messages to other servers.", bus.publishedBytes)
    page.counter("heddle_bus_received_total", "Messages of other servers.", bus.received)
    page.counter("heddle_bus_received_bytes_total", "Bytes of messages of other servers.", bus.receivedBytes)
    page.counter("heddle_bus_malformed_total", "Messages on the bus that no server of this kind wrote.", bus.malformed)
    page.counter(
      "heddle_bus_dropped_total", "What was not told to other servers: there was too much of it, or it is too long.",
      bus.dropped)
    page.counter("heddle_bus_failures_total", "Connections to the bus lost or refused.", bus.failures)
    page.counter(
      "heddle_reconcile_claims_total", "Documents with changed rows that this server heard of, by who merges them.",
      [(["by": "this"], claims.taken), (["by": "another"], claims.left)])
    page.counter(
      "heddle_checkpoints_left_total", "Checkpoints that were left to another server.", claims.checkpointsLeft)
  }
}
