import Glibc
public import Provisioning
public import Storage
public import Workflow

/// Why an import was not done. Nothing was written.
public enum ImportFailure: Error, Sendable {
  /// The document is wrong; nested as the document is.
  case invalid(ImportErrors)
  /// The file is wrong, or refers to what is not there.
  case unreadable(FileProblems)
  /// The database does not accept it.
  case rejected(ValidationErrors)
  case store(StoreError)
  /// It can be imported, but not so.
  case hindered(ImportHindrance)
  /// There is no such plan to apply.
  case plan(PlanError)
}

extension Store {
  /// Imports a project document in one transaction. What it changes reaches the shared documents like the write of
  /// anybody else.
  public func importProject(
    _ document: ProjectImport, provenance: Provenance,
    completion: @escaping @Sendable (Result<ProjectUpdate, ImportFailure>) -> Void
  ) {
    withChange(document, provenance) { [self] result in
      switch result {
      case .failure(let failure): completion(.failure(failure))
      case .success(let change):
        updateProject(change) { completion($0.mapError(Self.importFailure)) }
      }
    }
  }

  /// Goes on with the change of a project that a document describes, once it is known which credentials it may attach: of a user
  /// his own. `completion` is called on any thread.
  func withChange(
    _ document: ProjectImport, _ provenance: Provenance,
    _ completion: @escaping @Sendable (Result<ProjectChange, ImportFailure>) -> Void
  ) {
    guard provenance.actor.type == Actor.userType, let user = provenance.actor.id else {
      return completion(Result { () throws(ImportFailure) in try Self.change(document, provenance) })
    }
    readOwnCredentials(ofUser: user) { result in
      completion(
        Result { () throws(ImportFailure) in
          do {
            var document = document
            document.credentialRule = try result.get().map { .own(email: $0.email, known: $0.names) } ?? .nobodys
            return try Self.change(document, provenance)
          } catch let error as StoreError {
            throw .store(error)
          } catch {
            throw Self.importFailure(error)
          }
        })
    }
  }

  /// The change of a project that a document describes. The connection of a repository attaches no credentials.
  static func change(_ document: ProjectImport, _ provenance: Provenance) throws(ImportFailure) -> ProjectChange {
    var document = document
    if provenance.actor.type == Actor.repositoryType { document.credentialRule = .nobodys }
    guard let id = document.projectID else { throw failure(of: document) }
    let now = timestamp()
    return ProjectChange(projectID: id, mentionedIDs: document.mentionedIDs, provenance: provenance) { [document] in
      try document.applied(to: $0, foreignIDs: $1, now: now)
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

  /// What a completion of the store's tells of an import.
  static func importFailure(_ error: any Error) -> ImportFailure {
    switch error {
    case let failure as ImportFailure: failure
    case let errors as ImportErrors: .invalid(errors)
    case let errors as ValidationErrors: .rejected(errors)
    case let error as StoreError: .store(error)
    case let hindrance as ImportHindrance: .hindered(hindrance)
    case let error as PlanError: .plan(error)
    default: .store(.damaged("\(error)"))
    }
  }

  /// The time of day in ISO 8601, in seconds.
  static func timestamp() -> String {
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
