/// Reads the target of a request line: its path and query.
enum RequestTarget {
  /// Path and query (without "?"), both still encoded. Takes "/path?query" and "http://authority/path?query".
  static func split(_ target: String) throws(HTTPRefusal) -> (path: String, query: Substring) {
    var rest = Substring(target)
    for scheme in ["http://", "https://"] where rest.lowercased().hasPrefix(scheme) {
      rest = rest.dropFirst(scheme.count)
      rest = rest[(rest.firstIndex(of: "/") ?? rest.endIndex)...]
    }
    guard rest.hasPrefix("/"), !rest.contains("#") else {
      throw HTTPRefusal(status: 400, text: "The request's target is not a path.")
    }
    guard let mark = rest.firstIndex(of: "?") else { return (String(rest), "") }
    return (String(rest[..<mark]), rest[rest.index(after: mark)...])
  }

  /// The segments of a path, decoded.
  static func segments(ofPath path: String) throws(HTTPRefusal) -> [String] {
    var segments: [String] = []
    for part in path.split(separator: "/") {
      let segment = try decoded(part, plusIsSpace: false)
      guard segment != ".", segment != ".." else {
        throw HTTPRefusal(status: 400, text: "The path contains \".\" or \"..\".")
      }
      segments.append(segment)
    }
    return segments
  }

  /// Names and values of a query, decoded; a part without "=" has an empty value.
  static func query(_ query: Substring) throws(HTTPRefusal) -> [(name: String, value: String)] {
    var pairs: [(name: String, value: String)] = []
    for part in query.split(separator: "&") {
      let name = part.prefix { $0 != "=" }
      let value = part.dropFirst(name.count + 1)
      pairs.append((name: try decoded(name, plusIsSpace: true), value: try decoded(value, plusIsSpace: true)))
    }
    return pairs
  }

  private static func decoded(_ text: Substring, plusIsSpace: Bool) throws(HTTPRefusal) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case 0x25:
        guard let high = rest.popFirst()?.hexDigit, let low = rest.popFirst()?.hexDigit, high | low != 0 else {
          throw HTTPRefusal(status: 400, text: "The target contains \"%\" without two digits, or an encoded NUL.")
        }
        bytes.append(high << 4 | low)
      case 0x2B where plusIsSpace:
        bytes.append(0x20)
      default:
        bytes.append(byte)
      }
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else {
      throw HTTPRefusal(status: 400, text: "The target is not UTF-8.")
    }
    return decoded
  }
}

extension UInt8 {
  fileprivate var hexDigit: UInt8? {
    switch self {
    case 0x30...0x39: self - 0x30
    case 0x41...0x46: self - 0x41 + 10
    case 0x61...0x66: self - 0x61 + 10
    default: nil
    }
  }
}
