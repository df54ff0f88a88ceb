import Glibc

/// Where initdb and postgres are, and of which major version.
struct PostgresBinaries {
  let directory: String
  /// For example "15".
  let majorVersion: String

  var initdb: String { directory + "/initdb" }
  var postgres: String { directory + "/postgres" }

  /// The first of: PGBINDIR, Debian's directories newest first, PATH.
  static func find(environment: [String: String]) throws(ClusterError) -> PostgresBinaries {
    var candidates = (15...18).reversed().map { "/usr/lib/postgresql/\($0)/bin" }
    if let directory = environment["PGBINDIR"] { candidates = [directory] }
    candidates += (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    for directory in candidates {
      guard access(directory + "/initdb", X_OK) == 0, access(directory + "/postgres", X_OK) == 0 else { continue }
      let said = try Command([directory + "/postgres", "--version"]).output()
      guard let version = said.split(separator: " ").last(where: { $0.first?.isNumber == true }) else { continue }
      return PostgresBinaries(directory: directory, majorVersion: String(version.prefix { $0.isNumber }))
    }
    throw .noBinaries(searched: candidates)
  }
}
