import Rooms
import Storage
import Workflow

/// `/api/workflows/<id>/versions`: what was saved, what differs, and back to it.
enum VersionRoutes {
  /// The newest versions, newest first; `before` and `limit` page on.
  static func list(_ call: Call) {
    guard let id = call.identifier("workflow") else { return }
    guard let before: Int32 = call.number("before", or: .max), let limit = call.pageSize() else { return }
    let respond = call.respondLater
    call.gateway.store.readVersions(id, before: Int(before), limit: limit) { result in
      switch result {
      case .success(let versions):
        respond(.json(200, JSONValue.object(["data": .array(versions.map(\.json))]).serialized()))
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
    }
  }

  static func read(_ call: Call) {
    withVersion(call, "version") { call, version in
      let workflow = WorkflowRoutes.saved(version)["workflow"] ?? .null
      call.respond(.json(200, JSONValue.object(["data": workflow]).serialized()))
    }
  }

  // MARK: Comparing

  /// What differs between a version and another, or `live`, the document.
  static func compare(_ call: Call) {
    withVersion(call, "version") { call, version in
      guard call.parameters["other"] == "live" else {
        return withVersion(call, "other") { call, other in respond(to: call, version, other.content) }
      }
      call.gateway.directory.ask(DocumentName(workflowID: version.content.id), .read) { reply in
        guard case .live(let workflow) = reply else { return call.respond(WorkflowRoutes.response(to: reply)) }
        respond(to: call, version, workflow.content)
      }
    }
  }

  private static func respond(to call: Call, _ version: WorkflowRows, _ other: WorkflowContent) {
    let changes = version.content.changesOfVersion(to: other).map { change in
      var members = change.json.object ?? [:]
      members["kind"] = .string(change.kind.rawValue)
      return JSONValue.object(members)
    }
    call.respond(.json(200, JSONValue.object(["data": .array(changes)]).serialized()))
  }

  // MARK: Restoring

  /// Takes the rows back to a version, as a new one. The document follows by an ordinary merge.
  static func restore(_ call: Call) {
    let expected: Int?
    do throws(BadVersion) {
      expected = try expectedVersion(in: call.request.body)
    } catch {
      return call.respond(ErrorBody.response(422, error.message, field: "lock_version"))
    }
    withVersion(call, "version") { call, version in
      let respond = call.respondLater
      VersionRestore(version: version, expected: expected, actor: call.actor).run(call.gateway.store) { result in
        switch result {
        case .success(let restored): respond(response(to: restored))
        case .failure(let failure): respond(WorkflowRoutes.response(to: failure))
        }
      }
    }
  }

  private struct BadVersion: Error {
    let message: String
  }

  /// The version that the rows have to be at, if the request says so.
  private static func expectedVersion(in body: [UInt8]) throws(BadVersion) -> Int? {
    guard !body.isEmpty else { return nil }
    guard let json = try? JSONValue(parsing: body), let members = json.object else {
      throw BadVersion(message: "the body is no JSON object; expected is nothing, or {\"lock_version\": number}")
    }
    guard let given = members["lock_version"] else { return nil }
    if let number = given.integer { return Int(number) }
    throw BadVersion(message: "\(given.text) is no version; expected is a whole number")
  }

  private static func response(to restored: VersionRestore.Restored) -> HTTPResponse {
    var members = WorkflowRoutes.saved(restored.rows).object ?? [:]
    members["incomplete"] = .array(restored.incomplete.map { .array($0.map(JSONValue.string)) })
    return .json(200, JSONValue.object(members).serialized())
  }

  // MARK: Helpers

  /// Reads the version that the path names as `parameter`, and goes on with it on the loop.
  private static func withVersion(
    _ call: Call, _ parameter: String, _ body: @escaping (Call, WorkflowRows) -> Void
  ) {
    guard let id = call.identifier("workflow") else { return }
    let text = call.parameters[parameter] ?? ""
    guard let number = Int32(text), number >= 0 else {
      return call.respond(WorkflowRoutes.error(404, "'\(text)' is not the number of a version", type: "not_found"))
    }
    let waiting = Confined(Waiting(call, body))
    call.gateway.store.readVersion(id, Int(number)) { [loop = call.gateway.loop] result in
      loop.execute {
        let (call, body) = (waiting.value.call, waiting.value.body)
        switch result {
        case .success(let version?): body(call, version)
        case .success(nil):
          call.respond(
            WorkflowRoutes.error(404, "there is no version \(number) of workflow \(id)", type: "version_not_found"))
        case .failure(let error): call.respond(ErrorBody.response(503, "\(error)"))
        }
      }
    }
  }

  /// A call that another thread carries along, and what is to be done then.
  private final class Waiting {
    let call: Call
    let body: (Call, WorkflowRows) -> Void

    init(_ call: Call, _ body: @escaping (Call, WorkflowRows) -> Void) {
      self.call = call
      self.body = body
    }
  }
}
