import Foundation
import FuzzTargets
import TestSupport
import Testing
import YCRDT

/// Random histories, seen by us and by other implementations: what they show, know and have deleted, and their bytes.
///
/// Yjs 13.5.43 is no judge of formatted texts, and Yrs neither of updates out of order nor of torn surrogate pairs nor
/// of how XML is laid out.
@Suite(.serialized) struct PeerTests {
  private static let isLong = ProcessInfo.processInfo.environment["HEDDLE_TEST_LONG"] != nil
  private static let rounds =
    ProcessInfo.processInfo.environment["HEDDLE_PEER_ROUNDS"].flatMap { Int($0) } ?? (isLong ? 5000 : 40)
  /// Where the seeds of a run begin, so that long runs need not repeat each other.
  private static let first = ProcessInfo.processInfo.environment["HEDDLE_PEER_SEED"].flatMap { UInt64($0) } ?? 1

  private static var seeds: Range<UInt64> { first..<first + UInt64(rounds) }

  @Test func historiesWrittenByYjsAreReadAlike() async throws {
    let yjs = try Peer.yjs()
    let yrs = try Peer.yrs()
    for seed in Self.seeds {
      var random = SeededGenerator(seed: seed)
      let history = try await yjs.history(
        seed: seed, clients: Int.random(in: 2...6, using: &random), steps: Int.random(in: 5...60, using: &random))
      let inOrder = try Self.compare(history, history.updates, "Yjs's history \(seed)", hasXML: false)
      try Self.compare(
        try await yrs.state(after: history.updates), inOrder, "Yrs on Yjs's history \(seed)", hasXML: false)
      try Self.compare(
        history, history.updates.shuffled(using: &random), "Yjs's history \(seed), shuffled", hasXML: false)
    }
    yjs.close()
    yrs.close()
  }

  @Test func historiesWrittenHereAreReadAlikeByYjs() async throws {
    let yjs = try Peer.yjs()
    var edits = ChosenEdits()
    edits.isPlain = true
    edits.hasFormats = false
    for seed in Self.seeds {
      var random = SeededGenerator(seed: seed &* 7919)
      let updates = try Self.authored(edits, &random)
      try Self.compare(try await yjs.state(after: updates), updates, "our history \(seed)", hasXML: true)
      let shuffled = updates.shuffled(using: &random)
      try Self.compare(try await yjs.state(after: shuffled), updates, "our history \(seed), shuffled", hasXML: true)
    }
    yjs.close()
  }

  @Test func formattedHistoriesWrittenHereAreReadAlikeByYrs() async throws {
    let yrs = try Peer.yrs()
    var edits = ChosenEdits()
    edits.isPlain = true
    edits.hasXML = false
    for seed in Self.seeds {
      var random = SeededGenerator(seed: seed &* 104_729)
      let updates = try Self.authored(edits, &random)
      try Self.compare(try await yrs.state(after: updates), updates, "our formatted history \(seed)", hasXML: false)
    }
    yrs.close()
  }

  private static func authored(_ edits: ChosenEdits, _ random: inout SeededGenerator) throws -> [[UInt8]] {
    let length = Int.random(in: 20...500, using: &random)
    let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
    return try Authors(bytes, count: Int.random(in: 2...4, using: &random), edits: edits).updates
  }

  // MARK: - Comparing

  @discardableResult
  private static func compare(
    _ peer: PeerState, _ updates: [[UInt8]], _ what: String, hasXML: Bool
  ) throws -> Doc {
    let doc = Doc(clientID: 1 << 40)
    // As a room takes what members send.
    doc.limits.acceptsCrossedOrigins = false
    for update in updates { try doc.apply(update) }
    doc.checkIntegrity()
    try compare(peer, doc, what, hasXML: hasXML)
    return doc
  }

  private static func compare(_ peer: PeerState, _ doc: Doc, _ what: String, hasXML: Bool) throws {
    #expect(doc.text("t").json.jsonText == peer.json.object?["t"]?.jsonText, "\(what): text")
    #expect(plain(doc.map("m").json) == peer.json.object?["m"], "\(what): map")
    #expect(plain(doc.array("a").json) == peer.json.object?["a"], "\(what): array")
    if hasXML { #expect(doc.xmlFragment("x").json == peer.json.object?["x"], "\(what): XML") }
    #expect(plain(.array(doc.text("t").delta.map(\.json))) == peer.delta, "\(what): delta")
    #expect(doc.stateVector == peer.vector, "\(what): state vector")
    let theirs = Doc(clientID: 1 << 41)
    try theirs.apply(peer.v1)
    #expect(theirs.deleteSet == doc.deleteSet, "\(what): delete set")
    let ours = Doc(clientID: 1 << 41)
    try ours.apply(doc.encodeStateAsUpdate())
    #expect(ours.encodeStateAsUpdate() == theirs.encodeStateAsUpdate(), "\(what): canonical bytes")
  }

  /// The value after a round through JSON text, where whole floats and integers are one.
  private static func plain(_ value: YValue) -> YValue? { YValue(jsonText: value.jsonText) }
}

extension YText.Delta {
  fileprivate var json: YValue {
    var operation: YObject = [:]
    let attributes: YObject
    switch self {
    case .insert(let text, let formats):
      operation["insert"] = .string(text)
      attributes = formats
    case .insertEmbed(let value, let formats):
      operation["insert"] = value
      attributes = formats
    case .retain, .delete: return .undefined
    }
    if !attributes.isEmpty { operation["attributes"] = .object(attributes) }
    return .object(operation)
  }
}
