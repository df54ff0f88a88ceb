import Foundation
import Logging
import TestSupport
import Testing
import Workflow

@testable import Tokens

/// Which tokens are taken, and which are not.
@Suite struct TokenTests {
  private static func configuration() -> TokenConfiguration {
    var configuration = TokenConfiguration()
    configuration.secret = Vectors.secret
    configuration.audience = "heddle-tests"
    configuration.issuer = "https://id.example.com"
    return configuration
  }

  static let ownSecret = [UInt8](repeating: 7, count: 32)

  private static func source(_ keySet: String = Vectors.keySet) throws -> (KeySource, URL) {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-keys-\(UUID().uuidString).json")
    try Data(keySet.utf8).write(to: file)
    var configuration = KeySource.Configuration(location: file.path)
    configuration.minimumInterval = .zero
    return (try KeySource(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }), file)
  }

  private static func verifier(
    keys: KeySource? = nil, _ change: (inout TokenConfiguration) -> Void = { _ in }
  ) throws -> TokenVerifier {
    var configuration = configuration()
    change(&configuration)
    return try TokenVerifier(configuration, issuer: TokenIssuer(secret: ownSecret), keys: keys)
  }

  private static func refusal(
    _ token: String, _ verifier: TokenVerifier, now: Int64 = TestIssuer.now
  ) -> TokenRefusal? {
    if case .failure(let refusal) = verifier.verified(token, now: now) { refusal } else { nil }
  }

  // MARK: Signatures

  @Test(arguments: [Vectors.rs256, Vectors.es256, Vectors.eddsa, Vectors.hs256])
  func tokensOfAnotherImplementationAreTaken(token: String) throws {
    let (source, file) = try Self.source()
    defer { try? FileManager.default.removeItem(at: file) }
    let verifier = try Self.verifier(keys: source) { $0.issuer = nil }
    let verified = try verifier.verified(token, now: TestIssuer.now).get()
    #expect(verified.credential == Credential(subject: .user("ada"), issuedAt: 0))
    #expect(verified.expiresAt == 2_000_000_000_000 && !verified.isForConnections)
    // Every character counts.
    for index in stride(from: 0, to: token.utf8.count, by: 7) {
      var bytes = Array(token.utf8)
      bytes[index] = bytes[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      #expect(Self.refusal(String(decoding: bytes, as: UTF8.self), verifier) != nil, "\(index)")
    }
  }

  @Test func anUnsignedTokenIsRefused() async throws {
    let verifier = try Self.verifier()
    for algorithm in ["none", "None", "NONE", "nOnE", ""] {
      let token = try await TestIssuer().token(header: ["alg": .string(algorithm)])
      #expect(Self.refusal(token, verifier) == .wrongAlgorithm)
      let bare = token[...(token.lastIndex(of: ".") ?? token.startIndex)]
      #expect(Self.refusal(String(bare), verifier) == .wrongAlgorithm)
    }
  }

  @Test func aPublicKeyIsNoSecret() async throws {
    // As an attacker does: HS256, with the issuer's public key as the secret.
    let (source, file) = try Self.source()
    defer { try? FileManager.default.removeItem(at: file) }
    let verifier = try Self.verifier(keys: source) { $0.secret = nil }
    for name in ["rsa", "ec", "ed", nil] {
      let parts = [
        JSONValue.object(["alg": "HS256", "kid": name.map(JSONValue.string) ?? .null]), .object(TestIssuer.honest),
      ].map { Base64.url.encode($0.serialized()) }.joined(separator: ".")
      for secret in [Vectors.keySet, try JSONValue(parsing: Vectors.keySet)["keys"]?.array?[0]["n"]?.string ?? ""] {
        let signature = try Key(secret: Array(secret.utf8)).signature(of: Array(parts.utf8))
        #expect(Self.refusal("\(parts).\(Base64.url.encode(signature))", verifier) == .wrongAlgorithm)
      }
    }
  }

  @Test func aKeyHasOneAlgorithm() async throws {
    let (source, file) = try Self.source()
    defer { try? FileManager.default.removeItem(at: file) }
    let verifier = try Self.verifier(keys: source)
    let names: [(SignatureAlgorithm, String)] = [(.rs256, "rsa"), (.es256, "ec"), (.edDSA, "ed")]
    for (algorithm, _) in names {
      for (other, name) in names {
        let token = try await TestIssuer(algorithm: algorithm, keyName: name).token()
        #expect(Self.refusal(token, verifier) == (algorithm == other ? nil : .wrongAlgorithm), "\(algorithm) \(name)")
      }
      #expect(Self.refusal(try await TestIssuer(algorithm: algorithm).token(), verifier) == nil, "without kid")
    }
  }

  @Test func anotherSecretIsRefused() async throws {
    let verifier = try Self.verifier { $0.secret = Array("another secret, of which only the tests know".utf8) }
    #expect(Self.refusal(try await TestIssuer().token(), verifier) == .wrongSignature)
    // Nor is the secret of others that of our own tokens.
    #expect(Self.refusal(try await TestIssuer(keyName: "heddle").token(["iss": "heddle"]), verifier) == .wrongSignature)
  }

  // MARK: Claims

  static let times: [(changes: [String: JSONValue], refusal: TokenRefusal?)] = [
    (["exp": 1_799_999_971], nil), (["exp": 1_799_999_970], .expired), (["exp": 0], .expired),
    (["exp": nil], .noExpiry),
    (["exp": "1800000060"], .malformed), (["exp": -5], .malformed), (["nbf": 1_800_000_030], nil),
    (["nbf": 1_800_000_031], .notYetValid), (["iat": 1_800_000_030], nil), (["iat": 1_800_000_031], .notYetValid),
    (["nbf": "soon"], .malformed), (["iat": nil], nil),
  ]

  @Test(arguments: times) func timesCountUpToTheSkew(changes: [String: JSONValue], refusal: TokenRefusal?) async throws
  {
    #expect(Self.refusal(try await TestIssuer().token(changes), try Self.verifier()) == refusal)
  }

  static let origins: [(changes: [String: JSONValue], refusal: TokenRefusal?)] = [
    (["aud": ["other", "heddle-tests"]], nil), (["aud": "other"], .wrongAudience), (["aud": ["other"]], .wrongAudience),
    (["aud": nil], .wrongAudience), (["aud": []], .wrongAudience), (["iss": "https://evil.example.com"], .wrongIssuer),
    (["iss": nil], .wrongIssuer), (["sub": nil], .noSubject), (["sub": ""], .noSubject), (["sub": 7], .noSubject),
  ]

  @Test(arguments: origins) func whoseAndForWhomCounts(changes: [String: JSONValue], refusal: TokenRefusal?)
    async throws
  {
    #expect(Self.refusal(try await TestIssuer().token(changes), try Self.verifier()) == refusal)
  }

  @Test func withoutAnAudienceOnlyTokensWithoutOneAreTaken() async throws {
    let verifier = try Self.verifier { $0.audience = nil }
    #expect(Self.refusal(try await TestIssuer().token(), verifier) == .wrongAudience)
    #expect(Self.refusal(try await TestIssuer().token(["aud": nil]), verifier) == nil)
  }

  @Test(arguments: ["", "a", "a.b", "..", "a.b.c", "a.b.c.d", "e30.e30.", "e30.e30.e30", "!.!.!", "W10.W10.AA"])
  func whatIsNoTokenIsRefused(text: String) throws {
    #expect(Self.refusal(text, try Self.verifier()) == .malformed)
  }

  @Test func whatMustBeUnderstoodAndIsNotIsRefused() async throws {
    let token = try await TestIssuer().token(header: ["crit": ["x"], "x": 1])
    #expect(Self.refusal(token, try Self.verifier()) == .malformed)
  }

  // MARK: Our own

  @Test func ourOwnTokensAreTaken() throws {
    let verifier = try Self.verifier { $0.secret = nil }
    let issuer = try TokenIssuer(secret: Self.ownSecret)
    let issued = try issuer.issue(to: .user("ada"), id: "1", lifetime: .seconds(60), now: TestIssuer.now)
    let verified = try verifier.verified(issued.text, now: TestIssuer.now).get()
    #expect(verified.credential == Credential(subject: .user("ada"), tokenIDs: ["1"], issuedAt: TestIssuer.now))
    #expect(verified.expiresAt == TestIssuer.now + 60_000 && verified.connectionsUntil == verified.expiresAt)
    #expect(Self.refusal(issued.text, verifier, now: TestIssuer.now + 90_000) == .expired)
    let other = try Self.verifier().verified(issued.text, now: TestIssuer.now)
    #expect(other == .success(verified))
    let stranger = try TokenIssuer(secret: [UInt8](repeating: 8, count: 32))
    let forged = try stranger.issue(to: .user("ada"), id: "1", lifetime: .seconds(60), now: TestIssuer.now)
    #expect(Self.refusal(forged.text, verifier) == .wrongSignature)
  }

  @Test func aConnectionTokenIsShortAndItsConnectionsAreNot() throws {
    let verifier = try Self.verifier()
    let issuer = try TokenIssuer(secret: Self.ownSecret)
    let session = try issuer.issue(to: .user("ada"), id: "1", lifetime: .seconds(3600), now: TestIssuer.now)
    let parent = try verifier.verified(session.text, now: TestIssuer.now).get()
    let issued = try issuer.issueConnectionToken(for: parent, id: "2", lifetime: .seconds(300), now: TestIssuer.now)
    let token = try verifier.verified(issued.text, now: TestIssuer.now).get()
    #expect(token.isForConnections && token.expiresAt == TestIssuer.now + 300_000)
    #expect(token.connectionsUntil == TestIssuer.now + 3_600_000)
    #expect(token.credential.tokenIDs == ["2", "1"] && token.credential.subject == .user("ada"))
    // Never longer than what it was made from.
    let late = try issuer.issueConnectionToken(
      for: parent, id: "3", lifetime: .seconds(300), now: TestIssuer.now + 3_590_000)
    #expect(late.expiresAt == TestIssuer.now + 3_600_000)
  }

  @Test func othersCannotMakeConnectionTokens() async throws {
    let token = try await TestIssuer().token(["use": "connection", "until": 1_900_000_000, "parent": "x"])
    let verified = try Self.verifier().verified(token, now: TestIssuer.now).get()
    #expect(!verified.isForConnections && verified.connectionsUntil == 1_800_000_060_000)
    #expect(verified.credential.tokenIDs == ["one"])
  }

  // MARK: Key sets

  @Test func aKeyThatIsNewIsFetched() async throws {
    let json = try JSONValue(parsing: Vectors.keySet)["keys"]?.array ?? []
    let (source, file) = try Self.source(JSONValue.object(["keys": .array([json[0]])]).text)
    defer { try? FileManager.default.removeItem(at: file) }
    let verifier = try Self.verifier(keys: source)
    let old = try await TestIssuer(algorithm: .rs256, keyName: "rsa").token()
    let new = try await TestIssuer(algorithm: .es256, keyName: "ec").token()
    #expect(await verifier.refusal(old) == nil)
    #expect(await verifier.refusal(new) == .unknownKey)
    // The issuer takes another key.
    try Data(JSONValue.object(["keys": .array([json[1]])]).text.utf8).write(to: file)
    #expect(await verifier.refusal(new) == nil)
    #expect(await verifier.refusal(old) == .unknownKey)
    // What cannot be read leaves what is known.
    try Data("nonsense".utf8).write(to: file)
    #expect(await verifier.refusal(old) == .unknownKey)
    #expect(await verifier.refusal(new) == nil)
  }

  /// A web server on this machine that serves a folder.
  private static func serve(_ folder: URL) async throws -> (process: LineProcess, port: String) {
    let process = try LineProcess(
      "/usr/bin/env",
      ["python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", folder.path],
      standardError: folder.appendingPathComponent("log"))
    let port = try await process.progress.wait(for: "the port") { progress in
      progress.lines.lazy.compactMap { line in
        let words = line.split(separator: " ")
        return words.firstIndex(of: "port").map { String(words[$0 + 1]) }
      }.first
    }
    return (process, port)
  }

  @Test func keysAreFetchedFromAURLWithinTheLimits() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-keys-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appendingPathComponent("keys.json")
    let (process, port) = try await Self.serve(folder)
    defer {
      process.signal(SIGTERM)
      try? FileManager.default.removeItem(at: folder)
    }
    let json = try JSONValue(parsing: Vectors.keySet)["keys"]?.array ?? []
    try Data(JSONValue.object(["keys": .array([json[0]])]).text.utf8).write(to: file)
    var configuration = KeySource.Configuration(location: "http://127.0.0.1:\(port)/keys.json")
    configuration.minimumInterval = .zero
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let verifier = try Self.verifier(keys: KeySource(configuration, logger: logger)) { $0.issuer = nil }
    #expect(await verifier.refusal(Vectors.rs256) == nil)
    #expect(await verifier.refusal(Vectors.es256) == .unknownKey)
    try Data(JSONValue.object(["keys": .array([json[1]])]).text.utf8).write(to: file)
    #expect(await verifier.refusal(Vectors.es256) == nil)
    #expect(await verifier.refusal(Vectors.rs256) == .unknownKey)
    configuration.maximumBytes = 50
    #expect { try KeySource(configuration, logger: logger) } throws: {
      "\($0)".contains("too large") || "\($0)".contains("more than 50")
    }
    configuration.maximumBytes = 1 << 20
    configuration.location += ".missing"
    #expect { try KeySource(configuration, logger: logger) } throws: { "\($0)".contains("answered with an error") }
  }

  @Test func unknownKeysMakeForFewFetches() async throws {
    let (_, file) = try Self.source()
    defer { try? FileManager.default.removeItem(at: file) }
    // The default: ten seconds between two fetches.
    let source = try KeySource(
      KeySource.Configuration(location: file.path), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let verifier = try Self.verifier(keys: source)
    let token = try await TestIssuer(algorithm: .es256, keyName: "new").token()
    let json = try JSONValue(parsing: Vectors.keySet)["keys"]?.array?[1].object ?? [:]
    let renamed = JSONValue.object(json.merging(["kid": "new"]) { $1 })
    try Data(JSONValue.object(["keys": [renamed]]).text.utf8).write(to: file)
    #expect(await verifier.refusal(token) == .unknownKey)
  }

  static let unusable: [(keys: String, why: String)] = [
    ("[]", "no list 'keys'"), ("{\"keys\": []}", "no key for"),
    ("{\"keys\": [{\"kty\": \"oct\", \"k\": \"AAAA\"}]}", "no key for"),
    ("{\"keys\": [{\"kty\": \"RSA\", \"n\": \"AQAB\", \"e\": \"AQAB\"}]}", "2048 bits"), ("{", "JSON"),
  ]

  @Test(arguments: unusable) func aKeySetThatIsNoneIsRefused(keys: String, why: String) {
    #expect { try Self.source(keys) } throws: { why == "JSON" || "\($0)".contains(why) }
  }

  @Test func aKeySetThatIsNotThereIsRefused() {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    for location in ["/nowhere/keys.json", "http://127.0.0.1:1/keys"] {
      #expect { try KeySource(KeySource.Configuration(location: location), logger: logger) } throws: {
        "\($0)".contains(location)
      }
    }
  }
}

extension TokenVerifier {
  /// Why a token is refused, once its key was looked for.
  fileprivate func refusal(_ token: String) async -> TokenRefusal? {
    await withCheckedContinuation { continuation in
      verify(token, now: TestIssuer.now) { result in
        if case .failure(let refusal) = result {
          continuation.resume(returning: refusal)
        } else {
          continuation.resume(returning: nil)
        }
      }
    }
  }
}
