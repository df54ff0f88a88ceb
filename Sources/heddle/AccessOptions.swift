import ArgumentParser
import Gateway
import Glibc
import Logging
import Storage
import Tokens

/// Who is let in, each a flag.
struct AccessOptions: ParsableArguments {
  @Flag(
    inversion: .prefixedNo,
    help: "Let nobody in without a token. Implied by the other flags that say which tokens are taken.")
  var requireTokens: Bool = environmentDefault("require-tokens", false)

  @Option(help: "A file with the secret of tokens that are signed with HS256: at least 32 bytes.")
  var jwtSecretFile: String = environmentDefault("jwt-secret-file", "")

  @Option(help: "The key set of those who issue tokens signed with RS256, ES256 or EdDSA: a file, or an https URL.")
  var jwks: String = environmentDefault("jwks", "")

  @Option(help: "The audience that tokens have to be for. Without one, only tokens are taken that name none.")
  var jwtAudience: String = environmentDefault("jwt-audience", "")

  @Option(help: "Who has to have issued tokens. Without it, whoever has the key.")
  var jwtIssuer: String = environmentDefault("jwt-issuer", "")

  @Option(help: "By how much the clocks of those who issue tokens may differ.")
  var tokenClockSkew: Duration = environmentDefault("token-clock-skew", TokenConfiguration().clockSkew)

  @Option(help: "How long a token is good that a client gets for opening connections.")
  var connectionTokenLifetime: Duration = environmentDefault("connection-token-lifetime", .seconds(300))

  @Option(help: "How long a websocket stays open whose client has no access, or has lost it.")
  var accessGrace: Duration = environmentDefault("access-grace", .seconds(30))

  @Option(help: "How often the key set is fetched anew.")
  var jwksRefreshInterval: Duration = environmentDefault("jwks-refresh-interval", keys.refreshInterval)

  @Option(help: "How long after a fetch of the key set a token with an unknown key makes for another, at the earliest.")
  var jwksMinimumInterval: Duration = environmentDefault("jwks-minimum-interval", keys.minimumInterval)

  @Option(help: "How long a key set is good that cannot be fetched anew.")
  var jwksMaximumAge: Duration = environmentDefault("jwks-maximum-age", keys.maximumAge)

  @Option(help: "How long a fetch of the key set may take.")
  var jwksTimeout: Duration = environmentDefault("jwks-timeout", keys.timeout)

  @Option(help: "Bytes of a key set at most.")
  var maximumJwksBytes: Int = environmentDefault("maximum-jwks-bytes", keys.maximumBytes)

  @Option(
    help: "The origins of web pages that may use the server, separated by commas, as in https://editor.example.com.")
  var allowedOrigins: String = environmentDefault("allowed-origins", "")

  @Flag(
    inversion: .prefixedNo,
    help: "Take tokens that come unencrypted from other machines, where others may read them.")
  var allowPlaintextTokens: Bool = environmentDefault("allow-plaintext-tokens", false)

  private static let keys = KeySource.Configuration(location: "")

  /// Whether anybody has to show a token.
  var isConfigured: Bool { requireTokens || !jwtSecretFile.isEmpty || !jwks.isEmpty }

  mutating func validate() throws {
    if !jwks.isEmpty, jwtAudience.isEmpty {
      throw ValidationError(
        "--jwks needs --jwt-audience: without it tokens would be taken that were issued for other services")
    }
    if let colon = jwks.firstRange(of: "://"), !Self.isTrusted(jwks, scheme: jwks[..<colon.lowerBound]) {
      throw ValidationError("--jwks \(jwks) is neither a file nor an https URL; http is for loopback addresses only")
    }
    for origin in originList where !OriginPolicy.isOrigin(origin) {
      throw ValidationError(
        "--allowed-origins: '\(origin)' is no origin; origins are like https://editor.example.com, in lower case, without a "
          + "path or a port that is the scheme's own")
    }
    for (flag, value) in [
      ("connection-token-lifetime", connectionTokenLifetime), ("jwks-refresh-interval", jwksRefreshInterval),
      ("jwks-timeout", jwksTimeout),
    ] where value < .milliseconds(100) {
      throw ValidationError("--\(flag) is less than 100ms")
    }
  }

  private static func isTrusted(_ url: String, scheme: Substring) -> Bool {
    if scheme == "https" { return true }
    return ["http://127.0.0.1", "http://[::1]", "http://localhost"].contains { start in
      url.hasPrefix(start) && [":", "/"].contains(url.dropFirst(start.count).first)
    }
  }

  private var originList: [String] { allowedOrigins.split(separator: ",").map { String($0.filter { $0 != " " }) } }

  /// Without a list any page may where the server is for this machine only, and none otherwise.
  func origins(isLoopback: Bool) -> OriginPolicy {
    allowedOrigins.isEmpty && isLoopback ? .any : .only(Set(originList))
  }

  /// How those who come show who they are; nil where they need not.
  func authentication(_ store: Store, _ logger: Logger) throws -> Authentication? {
    guard isConfigured else { return nil }
    let issuer = try TokenIssuer(secret: try store.wait { store.tokenSecret($0) })
    var tokens = TokenConfiguration()
    tokens.secret = try jwtSecretFile.isEmpty ? nil : SecretFile.read(jwtSecretFile)
    tokens.audience = jwtAudience.isEmpty ? nil : jwtAudience
    tokens.issuer = jwtIssuer.isEmpty ? nil : jwtIssuer
    tokens.clockSkew = tokenClockSkew
    let source = try jwks.isEmpty ? nil : KeySource(keyConfiguration, logger: logger)
    var authentication = Authentication(
      verifier: try TokenVerifier(tokens, issuer: issuer, keys: source), issuer: issuer)
    authentication.connectionTokenLifetime = connectionTokenLifetime
    authentication.grace = accessGrace
    authentication.takesPlaintextTokens = allowPlaintextTokens
    return authentication
  }

  private var keyConfiguration: KeySource.Configuration {
    var configuration = KeySource.Configuration(location: jwks)
    configuration.refreshInterval = jwksRefreshInterval
    configuration.minimumInterval = jwksMinimumInterval
    configuration.maximumAge = jwksMaximumAge
    configuration.timeout = jwksTimeout
    configuration.maximumBytes = maximumJwksBytes
    return configuration
  }
}

/// A secret in a file, whose last line break is no part of it.
enum SecretFile {
  private static let maximumBytes = 4096

  static func read(_ path: String) throws -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw ProjectFileError(description: "\(path): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
    let count = Glibc.read(file, &bytes, bytes.count)
    guard count >= 0 else { throw ProjectFileError(description: "\(path): \(String(cString: strerror(errno)))") }
    var secret = bytes[..<count]
    while let last = secret.last, last == 10 || last == 13 { secret.removeLast() }
    guard (TokenConfiguration.leastSecretBytes...maximumBytes).contains(secret.count) else {
      throw ProjectFileError(
        description:
          "\(path) has \(secret.count) bytes; a secret has \(TokenConfiguration.leastSecretBytes) to \(maximumBytes)")
    }
    return Array(secret)
  }
}
