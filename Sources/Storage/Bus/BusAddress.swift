/// Where a Redis or Valkey is, as `--bus-url` says it.
public struct BusAddress: Hashable, Sendable, CustomStringConvertible {
  enum Place: Hashable, Sendable {
    case host(String, port: Int)
    case socket(String)
  }

  let place: Place
  let user: String?
  let password: String?

  /// What is wrong with an address. Does not repeat it: it may hold a password.
  public struct Invalid: Error, Hashable, CustomStringConvertible {
    public let description: String
  }

  private static let schemes = ["redis", "valkey"]
  private static let socketSchemes = ["unix", "redis+unix", "valkey+unix"]
  private static let defaultPort = 6379

  /// Reads `redis://[[user]:password@]host[:port]` or `unix://[[user]:password@]/path/of/the/socket`. What is reserved in a URL
  /// is percent-encoded in user and password.
  public init(_ text: String) throws(Invalid) {
    guard let colon = text.firstRange(of: "://") else {
      throw Invalid(description: "a bus is redis://host:port or unix:///path/of/the/socket")
    }
    let scheme = text[..<colon.lowerBound].lowercased()
    var rest = text[colon.upperBound...]
    var credentials: (user: String?, password: String?) = (nil, nil)
    if let at = rest.lastIndex(of: "@") {
      credentials = try Self.credentials(rest[..<at])
      rest = rest[rest.index(after: at)...]
    }
    (user, password) = credentials
    if Self.schemes.contains(scheme) {
      place = try Self.host(rest)
    } else if Self.socketSchemes.contains(scheme) {
      guard rest.hasPrefix("/"), rest.utf8.count > 1 else {
        throw Invalid(description: "a bus over a unix socket needs the socket's absolute path: unix:///run/redis.sock")
      }
      place = .socket(String(rest))
    } else if scheme == "rediss" || scheme == "valkeys" {
      throw Invalid(description: "the bus does not speak TLS; put a tunnel between, or use a unix socket")
    } else {
      throw Invalid(description: "a bus is redis://, valkey:// or unix://, not \(scheme)://")
    }
  }

  private static func credentials(_ text: Substring) throws(Invalid) -> (user: String?, password: String?) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let user = decoded(parts[0]), let password = decoded(parts[1]), !password.isEmpty else {
      throw Invalid(description: "before the @ of a bus stands user:password or :password, percent-encoded")
    }
    return (user.isEmpty ? nil : user, password)
  }

  private static func host(_ text: Substring) throws(Invalid) -> Place {
    let text = text.prefix { $0 != "/" && $0 != "?" }
    var (host, port) = (text, Substring())
    if text.hasPrefix("["), let end = text.lastIndex(of: "]") {
      host = text[text.index(after: text.startIndex)..<end]
      port = text[text.index(after: end)...]
    } else if let colon = text.lastIndex(of: ":") {
      (host, port) = (text[..<colon], text[colon...])
    }
    let number = port.isEmpty ? defaultPort : Int(port.dropFirst())
    guard !host.isEmpty, let number, (1...65535).contains(number), port.isEmpty || port.hasPrefix(":") else {
      throw Invalid(description: "a bus needs a host, and a port from 1 to 65535 if any: redis://host:6379")
    }
    return .host(String(host), port: number)
  }

  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        return nil
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// Without user and password.
  public var description: String {
    switch place {
    case .host(let host, let port): host.contains(":") ? "redis://[\(host)]:\(port)" : "redis://\(host):\(port)"
    case .socket(let path): "unix://\(path)"
    }
  }
}
