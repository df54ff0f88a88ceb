/// Where a repository is: a folder of this machine, or a place that git gets to over ssh or https.
///
/// Nothing can be made one that git would take for an option, for a program to run, or that has a secret in it.
public struct GitURL: Hashable, Sendable, CustomStringConvertible {
  /// How it is got to.
  public enum Place: Hashable, Sendable {
    /// A folder of this machine, by its absolute path.
    case folder(String)
    case ssh(host: String)
    case https(host: String)
    /// Not encrypted, and so for this machine only.
    case http(host: String)
  }

  /// As it was given; it has no secrets.
  public let description: String
  public let place: Place

  /// Reads an absolute path, a `file:`, `ssh:` or `https:` URL, or ssh's `user@host:path`.
  public init(_ text: String) throws(GitURLProblem) {
    place = try Self.place(of: text)
    description = text
  }

  /// Whether it is a folder of this machine.
  public var isFolder: Bool {
    if case .folder = place { true } else { false }
  }

  /// The host, for messages; nil for a folder.
  public var host: String? {
    switch place {
    case .folder: nil
    case .ssh(let host), .https(let host), .http(let host): host
    }
  }
}

/// Why a text is no place of a repository.
public struct GitURLProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, and what would be right. It has no part of the text, in which a secret may be.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension GitURL {
  private static let maximumLength = 2048
  private static let forms = """
    an absolute path, file:///path, ssh://[user@]host/path, [user@]host:path or https://host/path
    """

  private static func place(of text: String) throws(GitURLProblem) -> Place {
    guard !text.isEmpty else { throw GitURLProblem("the URL of the repository is empty; it has to be \(forms)") }
    guard text.utf8.count <= maximumLength else {
      throw GitURLProblem("the URL of the repository is longer than \(maximumLength) bytes")
    }
    guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F || $0 == " " && text.hasPrefix("/") })
    else { throw GitURLProblem("the URL of the repository has spaces or control characters") }
    guard !text.contains(where: hidesSign) else {
      throw GitURLProblem("the URL of the repository has a sign that is one character with another one; leave that out")
    }
    guard !text.hasPrefix("-") else {
      throw GitURLProblem("the URL of the repository begins with a hyphen, which is an option; it has to be \(forms)")
    }
    if text.hasPrefix("/") { return try .folder(checkedPath(text)) }
    if let range = text.firstRange(of: "://") {
      return try place(scheme: text[..<range.lowerBound].lowercased(), rest: text[range.upperBound...])
    }
    if let range = text.firstRange(of: "::"), text[..<range.lowerBound].utf8.allSatisfy(isNameByte) {
      throw GitURLProblem("the URL of the repository names a program to run; it has to be \(forms)")
    }
    return try sshPlace(text)
  }

  private static func place(scheme: String, rest: Substring) throws(GitURLProblem) -> Place {
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let (authority, path) = (rest[..<slash], rest[slash...])
    switch scheme {
    case "file":
      guard authority.isEmpty || authority == "localhost" else {
        throw GitURLProblem("a file: URL is of this machine: file:///path")
      }
      return try .folder(checkedPath(decoded(path)))
    case "ssh":
      try checkRemotePath(path)
      return try .ssh(host: checkedHost(of: withoutUser(authority)))
    case "https", "http":
      return try webPlace(scheme: scheme, authority: authority, path: path)
    default:
      throw GitURLProblem("repositories are not got to in this way; the URL has to be \(forms)")
    }
  }

  private static func webPlace(
    scheme: String, authority: Substring, path: Substring
  ) throws(GitURLProblem) -> Place {
    guard !authority.contains("@") else {
      throw GitURLProblem(
        "the URL of the repository has a user or a password in it, which would be kept and shown; leave out what is "
          + "before the @, and give them to a credential helper of git "
          + "(git config --global credential.helper store, then git ls-remote <url> once), or use ssh")
    }
    guard !path.contains(where: { "?#".contains($0) }) else {
      throw GitURLProblem("the URL of the repository has a query or a fragment, in which a secret may be; leave it out")
    }
    try checkRemotePath(path)
    let host = try checkedHost(of: authority)
    if scheme == "https" { return .https(host: host) }
    guard host == "localhost" || host == "[::1]" || isLoopback(host) else {
      throw GitURLProblem("http: is not encrypted, and is for this machine only; use https: or ssh:")
    }
    return .http(host: host)
  }

  /// `user@host:path`.
  private static func sshPlace(_ text: String) throws(GitURLProblem) -> Place {
    // An address of IPv6 stands in brackets, and has colons.
    let start = text.firstIndex(of: "]") ?? text.startIndex
    guard let colon = text[start...].firstIndex(of: ":"), !text[..<colon].contains("/") else {
      throw GitURLProblem("this is no URL of a repository, nor an absolute path; it has to be \(forms)")
    }
    let path = text[text.index(after: colon)...]
    guard !path.isEmpty, !path.hasPrefix("-") else {
      throw GitURLProblem("the URL of the repository has no path behind the host, or one that is an option")
    }
    guard !path.prefix(while: { $0 != "/" }).contains("@") else { throw passwordForSSH }
    return try .ssh(host: checkedHost(of: withoutUser(text[..<colon])))
  }

  private static let passwordForSSH = GitURLProblem(
    "the URL of the repository has a password in it, which ssh does not use; leave it out, and use a key")

  /// `user@host` without `user@`.
  private static func withoutUser(_ authority: Substring) throws(GitURLProblem) -> Substring {
    guard let at = authority.lastIndex(of: "@") else { return authority }
    let user = authority[..<at]
    guard !user.contains(":") else { throw passwordForSSH }
    guard !user.isEmpty, !user.hasPrefix("-"), user.utf8.allSatisfy(isNameByte) else {
      throw GitURLProblem("the user in the URL of the repository has characters that no user's name has")
    }
    return authority[authority.index(after: at)...]
  }

  /// `host` or `host:port`: the host.
  private static func checkedHost(of authority: Substring) throws(GitURLProblem) -> String {
    var host = authority
    if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
      let port = authority[authority.index(after: colon)...]
      guard let number = UInt16(port), number > 0, port.allSatisfy(\.isNumber) else {
        throw GitURLProblem("the port in the URL of the repository has to be a number from 1 to 65535")
      }
      host = authority[..<colon]
    }
    if host.hasPrefix("["), host.hasSuffix("]"), host.dropFirst().dropLast().allSatisfy({ $0.isHexDigit || $0 == ":" })
    {
      return host.lowercased()
    }
    guard !host.isEmpty, !host.hasPrefix("-"), host.utf8.allSatisfy(isNameByte) else {
      throw GitURLProblem("the host in the URL of the repository is missing, or has characters that no host's name has")
    }
    return host.lowercased()
  }

  private static func checkRemotePath(_ path: Substring) throws(GitURLProblem) {
    guard path.utf8.count > 1 else {
      throw GitURLProblem("the URL of the repository has no path behind the host; it has to be \(forms)")
    }
  }

  private static func checkedPath(_ path: String) throws(GitURLProblem) -> String {
    guard path.hasPrefix("/"), path.utf8.count > 1, !path.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
      throw GitURLProblem("the path of the repository has to be absolute, without control characters")
    }
    return path
  }

  /// A file URL's path with its `%20`s read, as git does.
  private static func decoded(_ path: Substring) throws(GitURLProblem) -> String {
    var bytes: [UInt8] = []
    var rest = path.utf8
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = Substring(rest.prefix(2))
      guard digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit), let value = UInt8(digits, radix: 16) else {
        throw GitURLProblem("the file: URL of the repository has a % that two hexadecimal digits don't follow")
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw GitURLProblem("the file: URL of the repository is no UTF-8")
    }
    return text
  }

  /// Whether git would see a sign where we see a character that is more: an accent upon a slash, for example.
  private static func hidesSign(_ character: Character) -> Bool {
    character.unicodeScalars.count > 1
      && character.unicodeScalars.contains {
        $0.isASCII && !$0.properties.isAlphabetic && !("0"..."9").contains($0)
      }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
  }

  private static func isLoopback(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return parts.count == 4 && parts.first == 127 && parts.allSatisfy { $0 != nil }
  }
}
