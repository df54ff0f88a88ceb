public import Provisioning
public import Reconciliation
public import Storage
public import Workflow

/// What an import does about edits that are not saved, in the workflows that it changes.
public enum EditingPolicy: String, Sendable, CaseIterable {
  /// They are merged with what is imported.
  case merge
  /// The import is not made.
  case refuse
  /// The import is made when there are none.
  case wait
}

/// Why an import was not made although nothing is wrong with it. Nothing was written.
public enum ImportHindrance: Error, Sendable {
  /// It meets edits that are not saved.
  case editing(ImportPlan)
  /// The plan was made for something else than there is now.
  case outdated
}

extension Store {
  /// A plan and the id under which it can be applied.
  public typealias NumberedPlan = (id: String, plan: ImportPlan)

  /// Works out what an import would do, and keeps that as a plan. Writes nothing else.
  public func planImport(
    _ document: JSONValue, provenance: Provenance, policy: Policy,
    completion: @escaping @Sendable (Result<NumberedPlan, ImportFailure>) -> Void
  ) {
    withChange(ProjectImport(document), provenance) { [self] result in
      switch result {
      case .failure(let failure): completion(.failure(failure))
      case .success(let change):
        planImport(change, document: document) {
          let plan = ImportPlan($0, policy: policy)
          return (plan: plan, versions: plan.versions)
        } _: {
          completion($0.mapError(Self.importFailure))
        }
      }
    }
  }

  /// The same for a project file, whose names become the ids of what is there now.
  public func planImport(
    _ file: ProjectImport, provenance: Provenance, policy: Policy,
    completion: @escaping @Sendable (Result<NumberedPlan, ImportFailure>) -> Void
  ) {
    withDocument(of: file, completion) { [self] document in
      planImport(document, provenance: provenance, policy: policy, completion: completion)
    }
  }

  /// Works out what an import would do, and writes nothing at all.
  public func previewImport(
    _ file: ProjectImport, provenance: Provenance, policy: Policy,
    completion: @escaping @Sendable (Result<ImportPlan, ImportFailure>) -> Void
  ) {
    withChange(file, provenance) { [self] result in
      switch result {
      case .failure(let failure): completion(.failure(failure))
      case .success(let change):
        previewImport(change) {
          ImportPlan($0, policy: policy)
        } _: {
          completion($0.mapError(Self.importFailure))
        }
      }
    }
  }

  /// Imports what a plan was made of, once, if all that the plan depends on is still as it was.
  public func applyPlan(
    _ plan: StoredPlan, provenance: Provenance, policy: Policy,
    completion: @escaping @Sendable (Result<ProjectUpdate, ImportFailure>) -> Void
  ) {
    change(ProjectImport(plan.document), provenance, applying: plan.id, completion) {
      guard ImportPlan($0, policy: policy).versions == plan.versions else { throw ImportHindrance.outdated }
    }
  }

  /// Imports a document unless it would meet edits that are not saved: then it fails as hindered by them.
  public func importUnlessEdited(
    _ document: ProjectImport, provenance: Provenance, policy: Policy,
    completion: @escaping @Sendable (Result<ProjectUpdate, ImportFailure>) -> Void
  ) {
    // What is judged and what is done have to have the same ids.
    withDocument(of: document, completion) { [self] resolved in
      change(ProjectImport(resolved), provenance, applying: nil, completion) {
        let plan = ImportPlan($0, policy: policy)
        if plan.isEdited { throw ImportHindrance.editing(plan) }
      }
    }
  }

  /// Goes on with the provisioning document that an import comes to, as things are now.
  private func withDocument<Value>(
    of file: ProjectImport, _ completion: @escaping @Sendable (Result<Value, ImportFailure>) -> Void,
    _ use: @escaping @Sendable (JSONValue) -> Void
  ) {
    @Sendable func resolve(_ project: ProjectContent?) {
      do {
        use(try file.document(for: project))
      } catch {
        completion(.failure(.unreadable(error)))
      }
    }
    guard let id = file.projectID else { return resolve(nil) }
    readProject(id) { result in
      switch result {
      case .success(let project): resolve(project)
      case .failure(let error): completion(.failure(.store(error)))
      }
    }
  }

  /// Imports a document if `condition` throws nothing about what that would do.
  private func change(
    _ document: ProjectImport, _ provenance: Provenance, applying plan: String?,
    _ completion: @escaping @Sendable (Result<ProjectUpdate, ImportFailure>) -> Void,
    if condition: @escaping @Sendable (ImportPreview) throws -> Void
  ) {
    withChange(document, provenance) { [self] result in
      switch result {
      case .failure(let failure): completion(.failure(failure))
      case .success(let change):
        updateProject(change, applying: plan, if: condition) { completion($0.mapError(Self.importFailure)) }
      }
    }
  }
}
