/// Where a document is: `ws://host:port/collab/<document>`.
struct ServerAddress: Hashable, Sendable {
  var host: String
  var port: Int
  /// The server is asked to close at once where it refuses: other clients would come back at once, this one does not.
  var path: String

  /// The address of a document on a server, which is named by the base of its y-websocket endpoint.
  init(server: String, document: String) throws(ClientError) {
    guard let scheme = server.firstRange(of: "://"), server[..<scheme.lowerBound] == "ws" else {
      throw .unusableAddress(server)
    }
    let rest = server[scheme.upperBound...]
    let authority = rest.prefix { $0 != "/" }
    let base = rest[authority.endIndex...].split(separator: "/").map { "/\($0)" }.joined()
    let colon = authority.lastIndex(of: ":").flatMap { authority[$0...].contains("]") ? nil : $0 }
    host = String(authority[..<(colon ?? authority.endIndex)].filter { $0 != "[" && $0 != "]" })
    guard let port = colon.map({ Int(authority[authority.index(after: $0)...]) }) ?? 80, !host.isEmpty else {
      throw .unusableAddress(server)
    }
    self.port = port
    path = "\(base)/\(Self.escaped(document))?close=now"
  }

  /// What is in the request's `Host`.
  var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  private static func escaped(_ name: String) -> String {
    var result = ""
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: ":"), UInt8(ascii: "/"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%\(digits.count == 1 ? "0" : "")\(digits)"
      }
    }
    return result
  }
}
