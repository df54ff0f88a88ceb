import Glibc

/// Looks at a database as a server needs it, and writes nothing.
struct DatabaseExamination {
  let connection: PostgresConnection
  let configuration: StoreConfiguration
  let migrations: [Migration]

  /// From how long on a transaction is in the way of others.
  private static let longTransaction = 300
  /// Those of a server that appends, listens, gives signs of life, audits and lets go of what is old, and the two of its bus.
  private static let otherConnections = 7
  /// By how much clocks may differ before it can be noticed, and before tokens are refused, in seconds.
  private static let clockLimits = (warning: 1.0, failure: 30.0)

  /// Everything, in the order in which one thing depends on the other.
  func findings() throws -> [Finding] {
    var findings = [version]
    findings += try settings() + [connections()] + SizeExamination(connection: connection).findings()
    findings.append(try clock())
    findings.append(notifications())
    let schema = schema()
    findings.append(schema)
    guard schema.severity < .failure else { return findings }
    findings += try TriggerExamination(connection: connection, migrations: migrations).findings()
    findings += try NodeExamination(connection: connection).findings()
    findings += try leftovers()
    return findings
  }

  private var version: Finding {
    let (major, minor) = (connection.serverVersion / 10_000, connection.serverVersion % 10_000)
    guard major >= 15 else {
      return Finding("version", .failure, "Postgres \(major).\(minor)", advice: "Heddle needs Postgres 15 or newer")
    }
    return Finding("version", .ok, "Postgres \(major).\(minor)")
  }

  // MARK: Settings

  private func settings() throws(PostgresError) -> [Finding] {
    let rows = try connection.execute(.settings)
    let values = Dictionary((0..<rows.count).map { (rows.text($0, 0), rows.text($0, 1)) }) { first, _ in first }
    var findings = Setting.all.compactMap { $0.finding(values[$0.name] ?? "") }
    let deadlock = Int(values["deadlock_timeout"] ?? "") ?? 1000
    if deadlock <= Int(configuration.lockTimeout / .milliseconds(1)) {
      findings.append(
        Finding(
          "settings", .warning, "deadlock_timeout is \(deadlock) ms, no more than --lock-timeout",
          advice: "set deadlock_timeout to 1s: otherwise other writers are broken off where Heddle would let go"))
    }
    if try connection.run("select pg_is_in_recovery()").text(0, 0) == "t" {
      findings.append(
        Finding("settings", .failure, "this is a standby: nothing can be written", advice: "connect to the primary"))
    }
    return findings.isEmpty ? [Finding("settings", .ok, "everything that is acknowledged is on the disk")] : findings
  }

  private func connections() throws(PostgresError) -> Finding {
    let row = try connection.execute(.connectionCounts)
    let (most, used) = (row.int8(0, 0), row.int8(0, 1))
    let needed = Int64(configuration.readers + configuration.committers + Self.otherConnections)
    let text = "\(most) connections possible, \(used) in use; a server takes up to \(needed)"
    let isEnough = most - used >= needed
    return Finding(
      "connections", isEnough ? .ok : .warning, text,
      advice: isEnough ? nil : "raise max_connections, or lower --database-readers and --database-committers")
  }

  // MARK: Clock and notifications

  private func clock() throws(PostgresError) -> Finding {
    let before = Self.now
    let there = Double(try connection.execute(.clock).int8(0, 0)) / 1_000_000
    let after = Self.now
    let difference = there - (before + after) / 2
    // What the way there took may be on either side.
    let least = max(0, abs(difference) - (after - before) / 2)
    let milliseconds = Int((difference * 1000).rounded())
    let text = "the database's clock is \(abs(milliseconds)) ms \(milliseconds < 0 ? "behind" : "ahead")"
    guard least > Self.clockLimits.warning else { return Finding("clock", .ok, text) }
    return Finding(
      "clock", least > Self.clockLimits.failure ? .failure : .warning, text,
      advice: "keep the clocks of both machines right with NTP: tokens, leases and times of records go by them")
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Whether one connection hears what another one says.
  private func notifications() -> Finding {
    let (limit, word) = (Duration.seconds(3), UUIDText.random())
    let begin = ContinuousClock.now
    do {
      let other = PostgresConnection(conninfo: configuration.conninfo, name: "heddle doctor")
      try other.connect()
      defer { other.close() }
      try connection.run("listen heddle_doctor")
      defer { _ = try? connection.run("unlisten heddle_doctor") }
      try other.run("notify heddle_doctor, '\(word)'")
      while begin.duration(to: .now) < limit {
        var socket = pollfd(fd: connection.socket, events: Int16(POLLIN), revents: 0)
        if try connection.notifications().contains(word) {
          return Finding("notifications", .ok, "arrive after \(Int(begin.duration(to: .now) / .milliseconds(1))) ms")
        }
        poll(&socket, 1, 100)
      }
      return Finding(
        "notifications", .failure, "do not arrive",
        advice:
          "connect to Postgres itself, not through a pooler that shares sessions: changes of rows are only found by polls"
      )
    } catch {
      return Finding(
        "notifications", .failure, "cannot be sent: \(error)", advice: "see that LISTEN and NOTIFY are possible")
    }
  }

  // MARK: Schema and leftovers

  private func schema() -> Finding {
    do throws(MigrationError) {
      let status = try Migrator(connection: connection, migrations: migrations).status()
      if !status.missing.isEmpty {
        return Finding(
          "schema", .failure, "lacks migrations \(status.missing)",
          advice: "run 'heddle migrate', or start this version's server, which does it")
      }
      if !status.ahead.isEmpty {
        return Finding(
          "schema", .ok, "a newer Heddle added migrations \(status.ahead), with which this one works",
          advice: "finish the upgrade")
      }
      return Finding("schema", .ok, "is at migration \(status.newest), as this Heddle has it")
    } catch {
      return Finding("schema", .failure, "\(error)", advice: "use the Heddle that made it")
    }
  }

  private func leftovers() throws(PostgresError) -> [Finding] {
    var findings: [Finding] = []
    let patience = Int64(max(60, 6 * Int(configuration.pollInterval / .seconds(1))))
    let stale = try connection.execute(.waitingForMerge, .int8(patience))
    if !stale.isEmpty {
      let ids = (0..<stale.count).map { stale.uuid($0, 0) }.joined(separator: ", ")
      findings.append(
        Finding(
          "merges", .warning, "rows changed and were not merged for more than \(patience) s: \(ids)",
          advice: "a running server merges them with its next poll; where one runs, see its log for these workflows"))
    }
    let long = try connection.execute(.longTransactions, .int8(Int64(Self.longTransaction)))
    for row in 0..<long.count {
      findings.append(
        Finding(
          "transactions", .warning,
          "process \(long.int4(row, 0)) (\(long.text(row, 1))) has had a transaction open for \(long.int8(row, 2)) s",
          advice:
            "end it, or pg_terminate_backend(\(long.int4(row, 0))): it keeps what was deleted, and migrations, waiting")
      )
    }
    let prepared = try connection.run(
      "select count(*)::int8 from pg_prepared_xacts where database = current_database()")
    if prepared.text(0, 0) != "0" {
      findings.append(
        Finding(
          "transactions", .warning, "\(prepared.text(0, 0)) prepared transactions wait",
          advice: "commit or roll them back: they hold their locks until then"))
    }
    let claims = try connection.execute(.leftClaims)
    if claims.int8(0, 0) > 0 {
      findings.append(
        Finding(
          "claims", .warning,
          "\(claims.int8(0, 0)) repositories are held by servers that have not been heard of for an hour",
          advice: "the next sync takes them over; where none comes, no server runs with repositories"))
    }
    return findings.isEmpty ? [Finding("leftovers", .ok, "nothing waits that should be done")] : findings
  }
}

/// A setting of Postgres that matters.
private struct Setting {
  let name: String
  let wanted: String
  let severity: Finding.Severity
  let why: String

  static let all = [
    Setting(
      name: "fsync", wanted: "on", severity: .failure,
      why: "a crash of the machine can lose what was acknowledged, and more"),
    Setting(
      name: "full_page_writes", wanted: "on", severity: .failure,
      why: "a crash of the machine can damage what is stored"),
    Setting(
      name: "synchronous_commit", wanted: "", severity: .warning,
      why: "a crash can lose saves and merges that were told to be done (edits are committed with 'on' in any case)"),
    Setting(name: "server_encoding", wanted: "UTF8", severity: .failure, why: "names and code are Unicode"),
    Setting(
      name: "autovacuum", wanted: "on", severity: .warning,
      why: "the log is deleted all the time, and its space comes back so"),
    Setting(
      name: "default_transaction_isolation", wanted: "read committed", severity: .warning,
      why: "with another one saves are repeated often"),
    Setting(name: "default_transaction_read_only", wanted: "off", severity: .failure, why: "nothing can be written"),
  ]

  func finding(_ value: String) -> Finding? {
    let isWanted = name == "synchronous_commit" ? value != "off" : value == wanted
    guard !isWanted else { return nil }
    return Finding(
      "settings", severity, "\(name) is \(value): \(why)", advice: "set \(name) = \(wanted.isEmpty ? "on" : wanted)")
  }
}

extension Statement {
  fileprivate static let settings = Statement(
    "settings",
    """
    select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit',
      'server_encoding', 'autovacuum', 'default_transaction_isolation', 'default_transaction_read_only', 'deadlock_timeout')
    """)
  fileprivate static let connectionCounts = Statement(
    "connection_counts",
    """
    select current_setting('max_connections')::int8 - current_setting('superuser_reserved_connections')::int8,
      (select count(*) from pg_stat_activity where backend_type = 'client backend')
    """)
  fileprivate static let clock = Statement(
    "clock", "select (extract(epoch from clock_timestamp()) * 1000000)::bigint")
  fileprivate static let waitingForMerge = Statement(
    "waiting_for_merge",
    """
    select d.workflow_id from documents d join workflow_outbox o using (workflow_id)
      left join workflows w on w.id = d.workflow_id
    where d.base_revision <> coalesce(w.revision, 0) and o.changed_at < clock_timestamp() - make_interval(secs => $1::bigint)
    order by o.changed_at limit 20
    """)
  fileprivate static let longTransactions = Statement(
    "long_transactions",
    """
    select pid, coalesce(application_name, ''), extract(epoch from clock_timestamp() - xact_start)::bigint
    from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
      and xact_start < clock_timestamp() - make_interval(secs => $1::bigint)
    order by xact_start limit 20
    """)
  fileprivate static let leftClaims = Statement(
    "left_claims",
    "select count(*) from repo_states where lease_owner is not null and lease_until < clock_timestamp() - interval '1 hour'"
  )
}
