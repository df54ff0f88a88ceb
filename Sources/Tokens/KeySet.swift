import Workflow

/// Why a key set cannot be used.
public struct KeySetError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// The public keys of an issuer of tokens (a JWKS document).
struct KeySet: Sendable {
  private var named: [String: Key] = [:]
  private var nameless: [Key] = []

  /// The most keys that a set may have.
  static let maximumKeys = 64

  init() {}

  /// Reads a document. Keys for other purposes are left out; one that is broken makes the whole set unusable, so that it is
  /// noticed.
  init(parsing bytes: [UInt8]) throws {
    guard let keys = try JSONValue(parsing: bytes)["keys"]?.array else {
      throw KeySetError("it is no key set: it has no list 'keys'")
    }
    guard keys.count <= Self.maximumKeys else { throw KeySetError("it has more than \(Self.maximumKeys) keys") }
    for json in keys {
      guard let key = try Key(json) else { continue }
      if let name = json["kid"]?.string { named[name] = key } else { nameless.append(key) }
    }
    guard !named.isEmpty || !nameless.isEmpty else {
      throw KeySetError(
        "it has no key for \(SignatureAlgorithm.allCases.dropFirst().map(\.rawValue).joined(separator: ", "))")
    }
  }

  /// The keys that a token with this `kid` may be signed with.
  func keys(named name: String?) -> [Key] {
    guard let name else { return nameless + named.values }
    return named[name].map { [$0] } ?? []
  }
}
