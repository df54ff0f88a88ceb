/// The websocket subprotocol that clients offer who have no other place for their token: browsers send no headers of ours. Beside
/// it they offer one that carries the token, which is never selected and so never sent back.
enum Subprotocol {
  static let name = "heddle"
  private static let tokenPrefix = "heddle.token."

  /// The token among the subprotocols that a client offers; nil where there is none, or it is not known which.
  static func token(among offered: [String]) -> String? {
    let tokens = offered.filter { $0.hasPrefix(tokenPrefix) }
    return tokens.count == 1 ? tokens.first.map { String($0.dropFirst(tokenPrefix.count)) } : nil
  }
}

extension HTTPRequest {
  /// The subprotocols that a websocket's client offers, in order.
  var subprotocols: [String] {
    values(of: "sec-websocket-protocol").flatMap { value in
      Array(value.utf8).split(separator: UInt8(ascii: ",")).map {
        String(decoding: $0.filter { $0 != 0x20 && $0 != 0x09 }, as: UTF8.self)
      }
    }
  }
}
