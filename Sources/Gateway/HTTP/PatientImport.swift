import Dispatch
import Provisioning
import Storage
import Workflow

/// An import over HTTP that is made only when it meets no edits that are not saved.
struct PatientImport: Sendable {
  private let source: ImportSource
  private let provenance: Provenance
  private let context: ImportContext
  private let deadline: ContinuousClock.Instant

  /// An import that waits for that as long as `limit` says.
  init(_ source: ImportSource, _ provenance: Provenance, _ context: ImportContext, limit: Duration) {
    self.source = source
    self.provenance = provenance
    self.context = context
    deadline = .now + limit
  }

  /// Tries at once, and then again and again. The answer at the end is that of the last attempt.
  func begin() {
    context.store.importUnlessEdited(source.document, provenance: provenance, policy: context.policy) { result in
      guard case .failure(.hindered(.editing)) = result, ContinuousClock.now < deadline else {
        return context.respond(ProvisionRoutes.response(toImport: result, of: source))
      }
      context.worker.asyncAfter(deadline: .now() + .milliseconds(Self.interval)) { begin() }
    }
  }

  /// How long it rests between attempts, in milliseconds.
  private static let interval = 500
}
