import Reconciliation
import Rooms
import Storage
import Workflow
import YCRDT

/// One patch on its way into a document. Confined to the loop's thread, but for what is worked out elsewhere.
struct PatchWork {
  let call: Call
  let name: DocumentName
  let patch: WorkflowPatch

  /// Has the patch applied to the document as it is when it is merged.
  func mergeIntoLive() {
    merge(.live(patch, call.gateway.configuration.patch))
  }

  /// Has the patch applied to an earlier version, and what that changes merged.
  func merge(from version: DocumentVersion) {
    // Whoever opens a document after its database was started makes it another one.
    call.gateway.directory.ask(name, .open) { [self] reply in
      guard case .opened = reply else { return call.respond(WorkflowRoutes.response(to: reply)) }
      let (waiting, respond) = (Confined(self), call.respondLater)
      let (loop, worker, limits) = (call.gateway.loop, call.gateway.worker, call.gateway.configuration.patch)
      call.gateway.store.readLogSection(name, from: version.sequence, limit: 0) { [patch] result in
        worker.async {
          switch Self.patched(patch, version, result, limits) {
          case .success(let patched): loop.execute { waiting.value.merge(.version(patched, of: version.incarnation)) }
          case .failure(let refusal): respond(refusal.response)
          }
        }
      }
    }
  }

  private func merge(_ source: Room.PatchSource) {
    call.gateway.directory.ask(name, .patch(source, call.actor)) { [self] reply in
      guard case .patched(let changes, let conflicts) = reply else {
        return call.respond(WorkflowRoutes.response(to: reply))
      }
      CurrentDocument.read(name, call.gateway) { reply in
        guard case .live(let workflow) = reply else { return call.respond(WorkflowRoutes.response(to: reply)) }
        let members = WorkflowRoutes.members(of: workflow).merging(PatchRoutes.members(changes, conflicts)) { $1 }
        call.respond(
          .json(200, JSONValue.object(members).serialized(), headers: workflow.version?.headers ?? []))
      }
    }
  }

  // MARK: Off the loop

  private struct Refusal: Error {
    let response: HTTPResponse
  }

  private static func patched(
    _ patch: WorkflowPatch, _ version: DocumentVersion, _ result: Result<LogSection?, StoreError>, _ limits: PatchLimits
  ) -> Result<PatchedContent, Refusal> {
    do {
      guard let section = try result.get() else { throw PreconditionFailure("the document is gone") }
      let doc = try section.document(as: version)
      let start = try WorkflowDocument.extract(doc)
      let content = try patch.applied(
        to: start, lockVersion: WorkflowDocument.lockVersion(of: doc) ?? 0,
        deletedAt: WorkflowDocument.deletedAt(of: doc), limits: limits)
      return .success(PatchedContent(content, of: start, ids: WorkflowDocument.textIDs(of: doc)))
    } catch let failure as PreconditionFailure {
      return .failure(Refusal(response: failure.response))
    } catch let error as PatchError {
      return .failure(Refusal(response: PatchRoutes.response(to: error)))
    } catch let error as StoreError {
      return .failure(Refusal(response: ErrorBody.response(503, "\(error); nothing was changed")))
    } catch {
      return .failure(Refusal(response: WorkflowRoutes.error(422, "\(error)", type: "deserialization_error")))
    }
  }
}

extension LogSection {
  /// The document that it begins with, if that is what `version` says.
  func document(as version: DocumentVersion) throws -> Doc {
    guard incarnation == version.incarnation else {
      throw PreconditionFailure("\(version.tag) is of another history of the document than the present one")
    }
    guard version.sequence <= lastSequence else {
      throw PreconditionFailure("\(version.tag) is newer than everything that is stored")
    }
    guard let start else { throw PreconditionFailure("\(version.tag) is not kept any more") }
    let doc = Doc()
    for update in start { try doc.apply(update) }
    let found = DocumentVersion(
      incarnation: incarnation, sequence: version.sequence, content: try WorkflowDocument.extract(doc))
    guard found.isSameContent(as: version) else {
      throw PreconditionFailure("\(version.tag) cannot be made again just as it was")
    }
    return doc
  }
}
