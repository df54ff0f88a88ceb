import ArgumentParser
import Gateway
import Glibc
import Provisioning
import Reconciliation
import Storage
import Workflow

/// What `heddle import` and `heddle diff` do with a database.
struct Imports {
  let store: Store
  let policy: Policy

  static let provenance = Provenance(.importing, actor: Actor(type: "cli"))
  /// What an import ends with that meets unsaved edits.
  private static let meetsUnsavedWork = ExitCode(2)
  /// How long it rests between attempts while it waits, in microseconds.
  private static let interval: UInt32 = 250_000

  // MARK: Importing

  /// Imports a file as the policy says. `project` is what it is to be imported into, where the file does not say it.
  func make(_ input: ProjectInput, into project: String?, _ editing: EditingPolicy, waitLimit: Duration) throws {
    let document = try input.importing(into: project, store)
    let update: ProjectUpdate
    switch editing {
    case .merge: update = try make(document)
    case .refuse: update = try importUnlessEdited(input.path, document, until: .now)
    case .wait: update = try importUnlessEdited(input.path, document, until: .now + waitLimit)
    }
    warn(update.warnings)
    let changed = update.changedWorkflowIDs.count
    announce(
      "imported \(input.path): project '\(update.project.name)', \(update.project.workflows.count) workflows, "
        + (changed == 0 ? "none changed" : "\(changed) changed"))
  }

  /// Imports a document, and says what is wrong with it where something is.
  @discardableResult
  func make(_ document: ProjectImport) throws -> ProjectUpdate {
    try telling(document) { store.importProject(document, provenance: Self.provenance, completion: $0) }
  }

  /// Waits for something that is done with a document, and says what is wrong with that where something is.
  private func telling<Value: Sendable>(
    _ document: ProjectImport?,
    _ body: (@escaping @Sendable (Result<Value, ImportFailure>) -> Void) -> Void
  ) throws -> Value {
    do {
      return try store.wait(body)
    } catch {
      throw ProjectFileError(error, in: document)
    }
  }

  /// Says what is probably not meant.
  private func warn(_ warnings: ImportErrors) {
    for line in warnings.lines { report("heddle: warning: \(line)") }
  }

  private func importUnlessEdited(
    _ file: String, _ document: ProjectImport, until deadline: ContinuousClock.Instant
  ) throws -> ProjectUpdate {
    var isWaiting = false
    while true {
      do {
        return try store.wait {
          store.importUnlessEdited(document, provenance: Self.provenance, policy: policy, completion: $0)
        }
      } catch ImportFailure.hindered(.editing(let plan)) {
        guard ContinuousClock.now < deadline else {
          report("heddle: \(file) meets edits that are not saved; nothing was imported\n" + PlanReport(plan).text)
          throw Self.meetsUnsavedWork
        }
        if !isWaiting { announce("\(file) waits until what is unsaved is saved\n\(PlanReport(plan).text)") }
        isWaiting = true
        usleep(Self.interval)
      } catch {
        throw ProjectFileError(error, in: document)
      }
    }
  }

  // MARK: Plans

  /// What an import would do.
  func preview(_ input: ProjectInput, into project: String?) throws -> ImportPlan {
    let document = try input.importing(into: project, store)
    return try telling(document) {
      store.previewImport(document, provenance: Self.provenance, policy: policy, completion: $0)
    }
  }

  /// Says what imports would do, and keeps that to be done.
  func plan(_ inputs: [ProjectInput], into project: String?, asJSON: Bool) throws {
    var isMet = false
    for input in inputs {
      let document = try input.importing(into: project, store)
      let made: Store.NumberedPlan = try telling(document) {
        store.planImport(document, provenance: Self.provenance, policy: policy, completion: $0)
      }
      isMet = isMet || made.plan.touchesUnsavedWork
      if asJSON {
        announce(made.plan.answer(id: made.id).text)
      } else {
        announce("\(input.path)\n\(PlanReport(made.plan).text)\nTo do this: heddle import --apply-plan \(made.id)")
      }
    }
    if isMet { throw Self.meetsUnsavedWork }
  }

  /// Does what was planned. `input` is only compared. Where the plan is outdated it makes another one.
  func apply(_ id: String, _ input: ProjectInput?) throws {
    let plan = try read(id)
    if let input {
      guard case .document(let document) = input.file.content else {
        throw ProjectFileError(
          description:
            "\(input.path) has names, and the plan has the ids that they had: leave the file out. Nothing was imported")
      }
      guard document == plan.document else {
        throw ProjectFileError(description: "plan \(id) was made of another document, nothing was imported")
      }
    }
    do {
      let update = try store.wait {
        store.applyPlan(plan, provenance: Self.provenance, policy: policy, completion: $0)
      }
      let project = update.project
      warn(update.warnings)
      announce("applied plan \(id): project '\(project.name)', \(project.workflows.count) workflows")
    } catch ImportFailure.hindered(.outdated) {
      report("heddle: rows or documents have changed since plan \(id) was made; nothing was imported. A fresh one:")
      let fresh: Store.NumberedPlan = try telling(nil) {
        store.planImport(plan.document, provenance: Self.provenance, policy: policy, completion: $0)
      }
      report("\(PlanReport(fresh.plan).text)\nTo do this: heddle import --apply-plan \(fresh.id)")
      throw ExitCode.failure
    } catch {
      throw ProjectFileError(error)
    }
  }

  private func read(_ id: String) throws -> StoredPlan {
    do {
      return try store.wait { store.readPlan(id, $0) }
    } catch let error as PlanError {
      throw ProjectFileError(.plan(error))
    }
  }
}
