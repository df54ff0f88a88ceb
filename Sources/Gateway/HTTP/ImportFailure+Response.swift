import Provisioning
import Storage
import Workflow

extension ImportFailure {
  /// What the client is told. Nothing was written.
  var response: HTTPResponse {
    switch self {
    case .invalid(let errors): ErrorBody.response(422, errors: errors.json)
    case .unreadable(let problems): ImportSource.response(to: problems)
    case .rejected(let errors) where errors.isLimit: ErrorBody.response(403, errors: errors.json, type: "limit_error")
    case .rejected(let errors): ErrorBody.response(422, errors: errors.json)
    case .store(let error): ErrorBody.response(503, "\(error); nothing was imported")
    case .hindered(.editing(let plan)): Self.editing(plan)
    case .hindered(.outdated): Self.response(409, "The plan is outdated", type: "plan_outdated")
    case .plan(.applied): Self.response(409, "The plan was applied before", type: "plan_applied")
    case .plan(.expired): Self.response(410, "The plan has expired", type: "plan_expired")
    case .plan(.unknown): Self.response(404, "There is no such plan", type: "not_found")
    }
  }

  private static func editing(_ plan: ImportPlan) -> HTTPResponse {
    response(
      409, "The import meets edits that are not saved; nothing was imported", type: "editing", ["data": plan.json])
  }

  /// An error with more members besides it.
  static func response(
    _ status: Int, _ message: String, type: String, _ members: [String: JSONValue] = [:]
  ) -> HTTPResponse {
    let body: [String: JSONValue] = ["errors": ["base": [.string(message)]], "type": .string(type)]
    return .json(status, JSONValue.object(body.merging(members) { $1 }).serialized())
  }
}
