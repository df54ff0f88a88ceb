/// `/` and `/assets/<name>`: the page for people.
enum PageRoutes {
  static func index(_ call: Call) {
    serve("index.html", call)
  }

  static func asset(_ call: Call) {
    serve(call.parameters["name"] ?? "", call)
  }

  private static func serve(_ name: String, _ call: Call) {
    guard let file = Page.current[name] else {
      return call.respond(ErrorBody.response(404, "there is nothing at \(call.request.rawPath)"))
    }
    var headers: [(name: String, value: String)] = [
      (name: "etag", value: file.etag),
      // Kept, and asked about each time: a new server is seen at once, and what is the same is not sent again.
      (name: "cache-control", value: "no-cache"),
    ]
    if isKnown(file, call.request) { return call.respond(HTTPResponse(status: 304, headers: headers)) }
    headers += [(name: "content-type", value: file.contentType)] + security
    call.respond(HTTPResponse(status: 200, headers: headers, body: file.content))
  }

  private static func isKnown(_ file: PageFile, _ request: HTTPRequest) -> Bool {
    guard let known = request.header("if-none-match") else { return false }
    return known.split(separator: ",").contains { tag in
      let tag = tag.drop { $0 == " " }
      return tag == "*" || (tag.hasPrefix("W/") ? tag.dropFirst(2) : tag).prefix { $0 != " " } == file.etag
    }
  }

  /// Nothing foreign is loaded, asked or shown, nobody shows the page within theirs, and no address of it is told.
  private static let security: [(name: String, value: String)] = [
    (
      name: "content-security-policy",
      value: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    (name: "x-content-type-options", value: "nosniff"),
    (name: "referrer-policy", value: "no-referrer"),
    (name: "cross-origin-opener-policy", value: "same-origin"),
  ]
}
