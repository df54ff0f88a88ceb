import Rooms
import Workflow

/// Why a request was not carried out, as all protocols tell it.
struct RequestFailure: Error {
  /// The status that HTTP gives it.
  var status: Int
  /// Messages by field; `base` is what belongs to no field.
  var errors: JSONValue
  var type: String

  init(_ status: Int, _ errors: JSONValue, type: String) {
    self.status = status
    self.errors = errors
    self.type = type
  }

  init(_ status: Int, _ message: String, type: String) {
    self.init(status, ["base": [.string(message)]], type: type)
  }

  /// Somebody changed the rows in the same instant, again and again.
  static let contended = RequestFailure(
    409, "Others saved at the same time; try again", type: "optimistic_lock_error")
  static let unauthorized = RequestFailure(
    403, "You don't have permission to edit this workflow", type: "unauthorized")
  static let deleted = RequestFailure(422, "This workflow has been deleted", type: "workflow_deleted")
}

extension Room.Reply {
  /// Why the room did not do what it was asked; nil where it did.
  var failure: RequestFailure? {
    switch self {
    case .live, .opened, .saved, .reset, .conflicts, .resolved, .recovered, .patched: nil
    case .invalid(let errors): RequestFailure(422, errors.json, type: "validation_error")
    case .unpatchable(let error): PatchRoutes.failure(error)
    case .deleted: .deleted
    case .forbidden: .unauthorized
    case .limited(let why): RequestFailure(422, why, type: "limit_error")
    case .crowded(let why): RequestFailure(429, why, type: "too_many_documents")
    case .neverSaved:
      RequestFailure(422, "This workflow was never saved: there is nothing to go back to", type: "never_saved")
    case .notFound(let what): RequestFailure(404, what, type: "not_found")
    case .readOnly: RequestFailure(422, "A saved version cannot be changed", type: "read_only_view")
    case .unreadable(let why): RequestFailure(422, why, type: "deserialization_error")
    case .contended: .contended
    case .unresolvable(let why): RequestFailure(422, why, type: "validation_error")
    case .failed(let why):
      RequestFailure(500, "The database refuses it: \(why); nothing was changed", type: "internal_error")
    case .unavailable:
      RequestFailure(
        503, "The database cannot be reached or written to; nothing was changed, try again later",
        type: "internal_error")
    case .restarting:
      RequestFailure(503, "The server restarts; nothing was changed, try again", type: "internal_error")
    }
  }
}
