/// Why the store did not do something. Nothing of it was done.
public enum StoreError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The database cannot be reached. Later it may.
  case unavailable
  /// Somebody else holds locks on the rows for too long. Later it may work.
  case busy
  /// The document was never opened, or is gone.
  case unknownDocument
  /// More edits wait for the database than the store may hold. This and all later ones of the document are refused
  /// until it is opened again.
  case overloaded
  /// What is stored contradicts itself; says how.
  case damaged(String)
  case database(PostgresError)
  /// The store was stopped.
  case stopped

  /// Whether later it may work, though nobody changes what was asked.
  public var isTemporary: Bool {
    switch self {
    case .unavailable, .busy, .overloaded, .stopped: true
    case .unknownDocument, .damaged: false
    case .database(let error): error.isAboutResources
    }
  }

  public var description: String {
    switch self {
    case .unavailable: "the database cannot be reached"
    case .busy: "the rows are locked by another transaction"
    case .unknownDocument: "the document is not in the database"
    case .overloaded: "too many edits wait for the database"
    case .damaged(let why): why
    case .database(let error): "\(error)"
    case .stopped: "the store was stopped"
    }
  }
}
