import TestSupport
import Testing

@testable import Storage

/// What goes over the bus, and that nothing that comes from there does harm.
@Suite struct BusMessageTests {
  private static let node = "0123abcd-0000-4000-8000-00000000000f"

  private static func uuid(_ random: inout SeededGenerator) -> String {
    let bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
    return bytes.withUnsafeBufferPointer(UUIDText.text)
  }

  private static func message(_ random: inout SeededGenerator) -> BusMessage {
    switch Int.random(in: 0..<6, using: &random) {
    case 0:
      let count = Int.random(in: 1..<400, using: &random)
      return .grew(
        (0..<count).map { _ in
          DocumentGrowth(workflowID: uuid(&random), sequence: Int64.random(in: 0...Int64.max, using: &random))
        })
    case 1: return .look
    case 2:
      let count = Int.random(in: 0..<3000, using: &random)
      return .shown((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }, in: uuid(&random))
    case 3: return .whoIsThere(uuid(&random))
    case 4: return .came
    default: return .left
    }
  }

  @Test func whatIsSaidIsUnderstoodInPiecesOfTheSizeThatIsAllowed() {
    for seed in UInt64(1)...200 {
      var random = SeededGenerator(seed: seed)
      let message = Self.message(&random)
      let texts = message.texts(from: Self.node, limit: 7900)
      #expect(texts.allSatisfy { $0.utf8.count <= 7900 }, "seed \(seed)")
      let decoded = texts.compactMap(BusMessage.decode)
      #expect(decoded.count == texts.count && decoded.allSatisfy { $0.node == Self.node }, "seed \(seed)")
      if case .grew(let growth) = message {
        let said = decoded.flatMap { _, message -> [DocumentGrowth] in
          if case .grew(let part) = message { part } else { [] }
        }
        #expect(said == growth, "seed \(seed)")
      } else {
        #expect(decoded.map(\.message) == [message], "seed \(seed)")
      }
    }
  }

  @Test func whatIsTooLongIsNotSaid() {
    let message = BusMessage.shown([UInt8](repeating: 1, count: 6000), in: Self.node)
    #expect(message.texts(from: Self.node, limit: 7900).isEmpty)
    #expect(message.texts(from: Self.node, limit: 9000).count == 1)
  }

  /// Whatever arrives is either a message, which says the same when it is written again, or nothing.
  @Test func anythingElseIsIgnored() {
    for seed in UInt64(1)...2000 {
      var random = SeededGenerator(seed: seed)
      var bytes = Array((Self.message(&random).texts(from: Self.node, limit: 7900).first ?? "").utf8)
      for _ in 0..<Int.random(in: 1..<6, using: &random) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        default: bytes.insert(UInt8.random(in: 32...126, using: &random), at: place)
        }
      }
      guard let read = BusMessage.decode(String(decoding: bytes, as: UTF8.self)) else { continue }
      let again = read.message.texts(from: read.node, limit: 1 << 20).compactMap(BusMessage.decode)
      #expect(again.map(\.message) == [read.message], "seed \(seed)")
    }
    for text in [
      "", " ", "1", "1 x l", "2 \(Self.node) l", "1 \(Self.node) l ", "1 \(Self.node) g ", "1 \(Self.node) g a:1",
      "1 \(Self.node) g \(Self.node):-1", "1 \(Self.node) g \(Self.node):99999999999999999999",
      "1 \(Self.node.uppercased()) l", "1 \(Self.node) s \(Self.node) ==", "1 \(Self.node) s \(Self.node) QQ=Q",
    ] {
      #expect(BusMessage.decode(text) == nil, "\(text)")
    }
  }
}

@Suite struct OutboxTests {
  private func id(_ number: Int) -> String { "document \(number)" }

  @Test func aDocumentIsSaidOnceWithItsNewestNumber() {
    var outbox = Outbox()
    for sequence in [3, 9, 5] as [Int64] {
      outbox.add(.grew([DocumentGrowth(workflowID: "a", sequence: sequence)]))
      outbox.add(.grew([DocumentGrowth(workflowID: "b", sequence: 1)]))
    }
    let growth = [DocumentGrowth(workflowID: "a", sequence: 9), DocumentGrowth(workflowID: "b", sequence: 1)]
    var other = outbox
    #expect(outbox.take(separatingDocuments: false) == [.grew(growth)])
    #expect(other.take(separatingDocuments: true) == growth.map { .grew([$0]) })
    #expect(outbox.isEmpty)
  }

  @Test func itIsBounded() {
    var outbox = Outbox()
    for number in 0...Outbox.maximumDocuments {
      outbox.add(.grew([DocumentGrowth(workflowID: id(number), sequence: 1)]))
      outbox.add(.whoIsThere(id(number)))
    }
    for _ in 0..<10 { outbox.add(.shown([UInt8](repeating: 0, count: Outbox.maximumShownBytes / 8), in: "a")) }
    #expect(outbox.takeDropped() == 1 + 2)
    let messages = outbox.take(separatingDocuments: true)
    // Of too many documents others find out themselves.
    #expect(messages.first == .look)
    #expect(messages.count == 1 + Outbox.maximumQuestions + 8)
  }

  @Test func whatCouldNotBeSaidOthersLookFor() {
    var outbox = Outbox()
    outbox.add(.grew([DocumentGrowth(workflowID: "a", sequence: 9)]))
    _ = outbox.take(separatingDocuments: false)
    outbox.failed()
    #expect(outbox.take(separatingDocuments: false) == [.look])
  }
}

@Suite struct BusAddressTests {
  @Test func addressesAreRead() throws {
    let address = try BusAddress("redis://heddle:p%40ss:w%2Ford@cache.local:7000/0")
    #expect(address.place == .host("cache.local", port: 7000))
    #expect(address.user == "heddle" && address.password == "p@ss:w/ord")
    #expect("\(address)" == "redis://cache.local:7000")
    #expect(try BusAddress("valkey://[::1]").place == .host("::1", port: 6379))
    let socket = try BusAddress("unix://:secret@/run/redis.sock")
    #expect(socket.place == .socket("/run/redis.sock") && socket.user == nil && socket.password == "secret")
    #expect("\(socket)" == "unix:///run/redis.sock")
  }

  @Test(arguments: [
    "", "localhost:6379", "http://a", "redis://", "redis://secret@host", "redis://:@host", "redis://host:0",
    "redis://host:x", "redis://:%zz@host", "rediss://:secret@host", "unix://socket", "redis://[::1]x",
  ])
  func aWrongAddressIsExplainedWithoutItsSecrets(text: String) {
    let error = #expect(throws: BusAddress.Invalid.self) { try BusAddress(text) }
    #expect(error.map { !$0.description.isEmpty && !$0.description.contains("secret") } == true)
  }
}
