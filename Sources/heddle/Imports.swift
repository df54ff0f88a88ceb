import ArgumentParser
import Gateway
import Glibc
import Provisioning
import Reconciliation
import Storage
import Workflow

/// What `heddle import` does with a database.
struct Imports {
  let store: Store
  let policy: Policy

  private static let provenance = Provenance(.importing, actor: Actor(type: "cli"))
  /// What an import ends with that meets unsaved edits.
  private static let meetsUnsavedWork = ExitCode(2)
  /// How long it rests between attempts while it waits, in microseconds.
  private static let interval: UInt32 = 250_000

  // MARK: Importing

  /// Imports a document as the policy says.
  func make(_ file: String, _ json: JSONValue, _ editing: EditingPolicy, waitLimit: Duration) throws {
    let document = ProjectImport(json)
    let update: ProjectUpdate
    switch editing {
    case .merge: update = try ProjectFile.importing(document, into: store)
    case .refuse: update = try importUnlessEdited(file, document, until: .now)
    case .wait: update = try importUnlessEdited(file, document, until: .now + waitLimit)
    }
    let project = update.project
    warn(update.warnings)
    announce("imported \(file): project '\(project.name)', \(project.workflows.count) workflows")
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
        throw ProjectFileError(error)
      }
    }
  }

  // MARK: Plans

  /// Says what imports would do.
  func plan(_ documents: [(file: String, json: JSONValue)], asJSON: Bool) throws {
    var isMet = false
    for (file, json) in documents {
      let made = try plan(json)
      isMet = isMet || made.plan.touchesUnsavedWork
      if asJSON {
        announce(made.plan.answer(id: made.id).text)
      } else {
        announce("\(file)\n\(PlanReport(made.plan).text)\nTo do this: heddle import --apply-plan \(made.id)")
      }
    }
    if isMet { throw Self.meetsUnsavedWork }
  }

  private func plan(_ document: JSONValue) throws -> Store.NumberedPlan {
    do {
      return try store.wait {
        store.planImport(document, provenance: Self.provenance, policy: policy, completion: $0)
      }
    } catch {
      throw ProjectFileError(error)
    }
  }

  /// Does what was planned. `document` is only compared. Where the plan is outdated it makes another one.
  func apply(_ id: String, _ document: JSONValue?) throws {
    let plan = try read(id)
    if let document, document != plan.document {
      throw ProjectFileError(description: "plan \(id) was made of another document, nothing was imported")
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
      let fresh = try self.plan(plan.document)
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
