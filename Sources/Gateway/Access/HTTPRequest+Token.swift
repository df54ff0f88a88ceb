extension HTTPRequest {
  /// The token in the header, or for a websocket, which browsers open without headers of ours, in the query or among the
  /// subprotocols.
  var token: String? {
    if let header = header("authorization") {
      let parts = header.split(separator: " ")
      guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
      return String(parts[1])
    }
    guard tokens(of: "upgrade").contains("websocket") else { return nil }
    return queryValue("token") ?? Subprotocol.token(among: subprotocols)
  }
}
