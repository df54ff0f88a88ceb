import Storage
import Workflow

/// What a route asks of who calls it.
enum Demand: Hashable {
  /// Nothing: it tells nobody anything.
  case nothing
  /// To be allowed something with the server as a whole.
  case server(Verb)
  /// To be allowed something with the workflow, or the project, that the path names as `id`.
  case workflow(Verb)
  case project(Verb)
  /// To be allowed something with the project that the query names as `id`.
  case queriedProject(Verb)
  /// A token. What else it takes depends on the body, which the route looks at itself.
  case token

  /// What the permission is asked for; nil where the path does not name it as it should, which the route will say.
  func question(_ call: Call) -> (verb: Verb, target: AccessQuestion.Target)? {
    let name: String? = if case .queriedProject = self { call.request.queryValue("id") } else { call.parameters["id"] }
    let id = name.flatMap { DocumentName.isUUID($0) ? $0.lowercased() : nil }
    switch self {
    case .nothing, .token: return nil
    case .server(let verb): return (verb, .server)
    case .workflow(let verb): return id.map { (verb, .workflow($0)) }
    case .project(let verb), .queriedProject(let verb): return id.map { (verb, .project($0)) }
    }
  }
}
