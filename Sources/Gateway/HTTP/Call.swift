import Storage
import Tokens
import Workflow

/// One request on its way to its answer. Made and answered on the loop's thread.
struct Call {
  let request: HTTPRequest
  let exchange: HTTPExchange
  unowned let gateway: Gateway
  var parameters: [String: String] = [:]
  /// What the caller has shown; nil where nobody has to show anything.
  var token: VerifiedToken?
  /// Who that is, where the route asked for a permission.
  var access: KnownAccess?

  /// On whose behalf what the call asks for is done.
  var actor: Actor { access?.actor ?? Actor(type: "api") }

  /// What the caller may do, for routes that find out only from the body what it is about.
  var clearance: Clearance { Clearance(store: gateway.store, token: token) }

  func with(_ token: VerifiedToken, _ access: KnownAccess?) -> Call {
    var call = self
    (call.token, call.access) = (token, access)
    return call
  }

  func with(_ parameters: [String: String]) -> Call {
    var call = self
    call.parameters = parameters
    return call
  }

  func respond(_ response: HTTPResponse) {
    gateway.loop.respond(to: exchange, with: response)
  }

  /// An answer from any thread.
  var respondLater: @Sendable (HTTPResponse) -> Void {
    { [loop = gateway.loop, exchange] response in
      loop.execute { loop.respond(to: exchange, with: response) }
    }
  }

  /// A number of the query from 1 on, or `fallback` where it is not given. For anything else the request is answered and the
  /// result nil.
  func number<Number: FixedWidthInteger>(_ name: String, or fallback: Number) -> Number? {
    guard let text = request.queryValue(name) else { return fallback }
    if let number = Number(text), number > 0 { return number }
    respond(ErrorBody.response(422, "'\(text)' is not a whole number from 1 to \(Number.max)", field: name))
    return nil
  }

  /// How many records a list is to have: `limit` of the query, at most 200. Otherwise the request is answered and the result
  /// nil.
  func pageSize() -> Int? {
    number("limit", or: 50).map { min($0, 200) }
  }

  /// The path parameter `id` if it is a uuid; otherwise the request is answered and the result nil.
  func identifier(_ what: String) -> String? {
    if let id = parameters["id"], DocumentName.isUUID(id) { return id.lowercased() }
    respond(ErrorBody.response(404, "'\(parameters["id"] ?? "")' is not the id of a \(what): ids are uuids"))
    return nil
  }
}
