import Logging
import Storage

extension DatabaseOptions {
  /// Runs `body` with a store that is started, on a schema that is up to date. `configure` says what else the command wants of it.
  ///
  /// Where nothing may be written (`isReadOnly`) an older schema is left as it is, and is an error.
  func withStore(
    logger: Logger, isReadOnly: Bool = false, configure: (inout StoreConfiguration) -> Void = { _ in },
    _ body: (Store) throws -> Void
  ) throws {
    try withDatabase(logger: logger) { configuration in
      var configuration = configuration
      configuration.isReadOnly = isReadOnly
      configure(&configuration)
      let store = Store(configuration: configuration, logger: logger)
      if isReadOnly { try Self.checkSchema(store) } else { try store.migrate() }
      store.start()
      defer { store.stop() }
      try body(store)
    }
  }

  private static func checkSchema(_ store: Store) throws {
    let missing = try store.schemaStatus().missing
    guard missing.isEmpty else { throw OldSchema(missing: missing) }
  }
}

/// The schema is older than what is to be read from it.
private struct OldSchema: Error, CustomStringConvertible {
  let missing: [Int]

  var description: String {
    "the schema lacks migrations \(missing), and nothing is to be written: run 'heddle migrate', or start this version's "
      + "server, which does it"
  }
}
