import Dispatch
import Provisioning
import Storage
import Workflow

/// An import over HTTP that is made only when it meets no edits that are not saved.
struct PatientImport: Sendable {
  private let document: ProjectImport
  private let provenance: Provenance
  private let context: ImportContext
  private let deadline: ContinuousClock.Instant

  /// An import that waits for that as long as `limit` says.
  init(_ document: ProjectImport, _ provenance: Provenance, _ context: ImportContext, limit: Duration) {
    self.document = document
    self.provenance = provenance
    self.context = context
    deadline = .now + limit
  }

  /// Tries at once, and then again and again. The answer at the end is that of the last attempt.
  func begin() {
    context.store.importUnlessEdited(document, provenance: provenance, policy: context.policy) { result in
      guard case .failure(.hindered(.editing)) = result, ContinuousClock.now < deadline else {
        return context.respond(ProvisionRoutes.response(toImport: result))
      }
      context.worker.asyncAfter(deadline: .now() + .milliseconds(Self.interval)) { begin() }
    }
  }

  /// How long it rests between attempts, in milliseconds.
  private static let interval = 500
}
