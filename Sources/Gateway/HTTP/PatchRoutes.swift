import Reconciliation
import Rooms
import Storage
import Workflow

/// `PATCH /api/workflows/<id>`: changes of the live document by scripts.
enum PatchRoutes {
  private static let mediaTypes = ["application/json-patch+json", "application/merge-patch+json"]

  static func patch(_ call: Call) {
    guard let id = call.identifier("workflow") else { return }
    let start: DocumentVersion?
    switch call.request.condition("if-match") {
    case .none, .any: start = nil
    case .malformed(let why):
      return call.respond(response(to: PatchError(.malformed, at: "if-match", why)))
    case .tags(let tags):
      switch version(tags) {
      case .success(let version): start = version
      case .failure(let failure): return call.respond(failure.response)
      }
    }
    withPatch(call) { patch in
      let work = PatchWork(call: call, name: DocumentName(workflowID: id), patch: patch)
      if let start { work.merge(from: start) } else { work.mergeIntoLive() }
    }
  }

  /// The version that a request is about.
  private static func version(_ tags: [EntityTag]) -> Result<DocumentVersion, PreconditionFailure> {
    guard tags.count == 1, let tag = tags.first else {
      return .failure(.init("a patch is made of one version, and If-Match names \(tags.count)"))
    }
    guard !tag.isWeak else {
      return .failure(.init("W/\"\(tag.opaque)\" is a weak entity tag, which matches nothing here"))
    }
    guard let version = DocumentVersion(tag.opaque) else {
      return .failure(.init("\"\(tag.opaque)\" is no version of a workflow"))
    }
    return .success(version)
  }

  // MARK: The body

  /// Reads the patch off the loop, and goes on with it on the loop.
  private static func withPatch(_ call: Call, _ body: @escaping (WorkflowPatch) -> Void) {
    let limits = call.gateway.configuration.patch
    let type = call.request.mediaType
    guard let type, mediaTypes.contains(type) else { return call.respond(unsupported(type)) }
    guard call.request.body.count <= limits.bytes else {
      let message = "\(call.request.body.count) bytes; a patch has at most \(limits.bytes) (--maximum-patch-bytes)"
      return call.respond(WorkflowRoutes.error(413, message, type: "too_large"))
    }
    let (waiting, bytes, respond) = (Confined(body), call.request.body, call.respondLater)
    call.gateway.worker.async { [loop = call.gateway.loop] in
      do {
        let json = try JSONValue(parsing: bytes)
        let patch: WorkflowPatch =
          type == mediaTypes[0] ? .operations(try JSONPatch(json: json, limits: limits)) : .merge(json)
        loop.execute { waiting.value(patch) }
      } catch let error as PatchError {
        respond(response(to: error))
      } catch {
        respond(WorkflowRoutes.error(400, "the body is no JSON: \(error)", type: "malformed"))
      }
    }
  }

  private static func unsupported(_ type: String?) -> HTTPResponse {
    var response = WorkflowRoutes.error(
      415,
      "Content-Type is \(type.map { "'\($0)'" } ?? "missing"); a patch is \(mediaTypes.joined(separator: " or "))",
      type: "unsupported_media_type")
    response.headers.append((name: "accept-patch", value: mediaTypes.joined(separator: ", ")))
    return response
  }

  // MARK: Answers

  static func members(_ changes: [ContentChange], _ conflicts: [StandingConflict]) -> [String: JSONValue] {
    ["changes": .array(changes.map(\.summary)), "conflicts": .array(conflicts.map(\.json))]
  }

  static func response(to error: PatchError) -> HTTPResponse {
    WorkflowRoutes.response(to: failure(error))
  }

  /// A patch that does not fit, as it is told.
  static func failure(_ error: PatchError) -> RequestFailure {
    let (status, type) =
      switch error.kind {
      case .malformed: (400, "malformed")
      case .testFailed: (409, "test_failed")
      case .invalid: (422, "validation_error")
      case .tooLarge: (413, "too_large")
      }
    let errors = JSONValue.object([error.place.isEmpty ? "base" : error.place: [.string(error.reason)]])
    return RequestFailure(status, errors, type: type)
  }
}

/// A version that cannot be had (any more).
struct PreconditionFailure: Error, Sendable {
  let reason: String

  init(_ reason: String) {
    self.reason = reason
  }

  var response: HTTPResponse {
    WorkflowRoutes.error(
      412, "\(reason); nothing was changed. Read the workflow again and make the patch of that",
      type: "precondition_failed")
  }
}
