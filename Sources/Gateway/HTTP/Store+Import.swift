import Glibc
public import Provisioning
public import Storage
public import Workflow

/// Why an import was not done. Nothing was written.
public enum ImportFailure: Error, Sendable {
  /// The document is wrong; nested as the document is.
  case invalid(ImportErrors)
  /// The database does not accept it.
  case rejected(ValidationErrors)
  case store(StoreError)
}

extension Store {
  /// Imports a project document in one transaction. What it changes reaches the shared documents like the write of
  /// anybody else.
  public func importProject(
    _ document: ProjectImport, provenance: Provenance,
    completion: @escaping @Sendable (Result<ProjectContent, ImportFailure>) -> Void
  ) {
    guard let id = document.projectID else {
      return completion(.failure(Self.failure(of: document)))
    }
    let now = Self.timestamp()
    updateProject(id, mentionedIDs: document.mentionedIDs, provenance: provenance) {
      try document.applied(to: $0, foreignIDs: $1, now: now)
    } _: {
      completion($0.map(\.project).mapError(Self.importFailure))
    }
  }

  /// What is wrong with a document that does not even say which project it is.
  private static func failure(of document: ProjectImport) -> ImportFailure {
    do {
      _ = try document.applied(to: nil, foreignIDs: [], now: "")
      return .invalid(ImportErrors("id", "can't be blank"))
    } catch {
      return .invalid(error)
    }
  }

  private static func importFailure(_ error: any Error) -> ImportFailure {
    switch error {
    case let errors as ImportErrors: .invalid(errors)
    case let errors as ValidationErrors: .rejected(errors)
    case let error as StoreError: .store(error)
    default: .store(.damaged("\(error)"))
    }
  }

  /// The time of day in ISO 8601, in seconds.
  private static func timestamp() -> String {
    var seconds = time(nil)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
      guard let start = text.baseAddress else { return "" }
      strftime(start, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
      return String(cString: start)
    }
  }
}
