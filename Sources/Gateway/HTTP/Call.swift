import Workflow

/// One request on its way to its answer. Made and answered on the loop's thread.
struct Call {
  let request: HTTPRequest
  let exchange: HTTPExchange
  unowned let gateway: Gateway
  var parameters: [String: String] = [:]

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

  /// The path parameter `id` if it is a uuid; otherwise the request is answered and the result nil.
  func identifier(_ what: String) -> String? {
    if let id = parameters["id"], DocumentName.isUUID(id) { return id.lowercased() }
    respond(ErrorBody.response(404, "'\(parameters["id"] ?? "")' is not the id of a \(what): ids are uuids"))
    return nil
  }
}
