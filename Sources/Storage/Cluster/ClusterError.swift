/// Why the private Postgres cannot run, and what helps.
public enum ClusterError: Error, Hashable, Sendable, CustomStringConvertible {
  case noBinaries(searched: [String])
  case otherVersion(directory: String, data: String, binaries: String)
  /// Another Heddle works with the same data.
  case inUse(directory: String)
  case cannotCreate(directory: String, reason: String)
  /// Postgres does not run as root, and the user it runs as instead cannot get at the directory.
  case unreachable(directory: String, user: String)
  /// A program ended with an error, or did not get ready in time; with the end of what it said.
  case failed(program: String, output: String)
  /// A Postgres that an earlier Heddle left behind does not stop.
  case leftover(pid: Int32, directory: String)
  case database(PostgresError)

  public var description: String {
    switch self {
    case .noBinaries(let searched):
      "no Postgres server was found (looked in \(searched.joined(separator: ", "))). Install Debian's package "
        + "'postgresql', set PGBINDIR to the directory with initdb and postgres, or give --database-url"
    case .otherVersion(let directory, let data, let binaries):
      "\(directory) was made by Postgres \(data), the server found here is version \(binaries). Install "
        + "'postgresql-\(data)', or move the data with pg_upgrade or pg_dump"
    case .inUse(let directory):
      "another Heddle is using \(directory). Stop it, or give this one another --data-dir"
    case .cannotCreate(let directory, let reason): "\(directory) cannot be created: \(reason)"
    case .unreachable(let directory, let user):
      "Postgres refuses to run as root, and the user '\(user)' cannot get to \(directory). Give a --data-dir that others "
        + "may search (for example under /var/lib), or start Heddle as an ordinary user"
    case .failed(let program, let output): "\(program) failed:\n\(output)"
    case .leftover(let pid, let directory):
      "a Postgres (process \(pid)) that an earlier Heddle left on \(directory) does not stop; end it by hand"
    case .database(let error): "the private Postgres does not accept connections: \(error)"
    }
  }
}
