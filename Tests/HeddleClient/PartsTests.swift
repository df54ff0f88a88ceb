import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import HeddleClient

@Suite struct ServerAddressTests {
  @Test(arguments: [
    ("ws://127.0.0.1:4400/collab", "workflow:a", "127.0.0.1", 4400, "/collab/workflow:a?close=now"),
    ("ws://localhost/", "é b", "localhost", 80, "/%C3%A9%20b?close=now"),
    ("ws://[::1]:8080/a/b/", "c/d?", "::1", 8080, "/a/b/c/d%3F?close=now"),
  ])
  func addressesAreTakenApart(server: String, document: String, host: String, port: Int, path: String) throws {
    let address = try ServerAddress(server: server, document: document)
    #expect(address.host == host && address.port == port && address.path == path)
  }

  @Test(arguments: ["", "127.0.0.1:4400", "wss://localhost/collab", "http://localhost", "ws://", "ws://host:port/"])
  func otherAddressesAreRefused(server: String) {
    #expect(throws: ClientError.unusableAddress(server)) { try ServerAddress(server: server, document: "a") }
  }

  @Test func ipv6IsBracketedInTheHost() throws {
    #expect(try ServerAddress(server: "ws://[::1]:8080", document: "a").authority == "[::1]:8080")
    #expect(try ServerAddress(server: "ws://localhost", document: "a").authority == "localhost:80")
  }
}

@Suite struct BackoffTests {
  @Test func waitsDoubleUpToABound() {
    var backoff = Backoff()
    #expect(
      (0..<3).map { _ in backoff.delay(chance: 1) } == [.milliseconds(100), .milliseconds(200), .milliseconds(400)])
    for _ in 0..<10 { _ = backoff.delay(chance: 0) }
    #expect(backoff.delay(chance: 1) == .seconds(10) && backoff.delay(chance: 0) == .seconds(5))
    backoff.reset()
    #expect(backoff.delay(chance: 0) == .milliseconds(50))
  }
}

@Suite struct PaceTests {
  @Test func aRefusedTokenIsReplacedAtOnceAndAfterThatSeldom() {
    var pace = Pace()
    pace.connected()
    pace.disconnected()
    #expect(pace.delayForToken() == nil)
    // A connection that did not last makes nothing good.
    pace.connected()
    pace.disconnected()
    let delays = (0..<12).compactMap { _ in pace.delayForToken() }
    #expect(delays.count == 12 && delays[0] >= .milliseconds(500) && delays[0] <= .seconds(1))
    #expect(delays[11] >= .seconds(30) && delays.allSatisfy { $0 <= .seconds(60) })
  }
}

@Suite struct TokenExpiryTests {
  private func token(_ payload: String) -> String {
    let text = Data(payload.utf8).base64EncodedString()
    return "e30.\(text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")).c2lnbmF0dXJl"
  }

  @Test(arguments: [
    (#"{"exp":1000}"#, 1000.0), (#"{"exp":1000.5,"sub":"é?>~ü"}"#, 1000.5),
    (#"{"exp":1000,"until":5000}"#, 5000), ("{}", nil), ("[]", nil),
  ])
  func itIsReadFromTheToken(payload: String, end: Double?) {
    #expect(TokenExpiry.end(of: token(payload)) == end)
  }

  @Test(arguments: ["", "opaque", "a.b", "a.!.c", "a.b.c.d"]) func othersHaveNone(text: String) {
    #expect(TokenExpiry.end(of: text) == nil)
  }

  @Test(arguments: [(1000.0, 970.0), (40, 20), (2, 1), (0.5, 1), (0, nil), (-5, nil)])
  func anotherIsAskedForBefore(rest: Double, wait: Double?) {
    #expect(TokenExpiry.wait(for: token(#"{"exp":\#(5000 + rest)}"#), now: 5000) == wait.map { .seconds($0) })
  }
}

@Suite struct SaveQueueTests {
  @Test func anAnswerAnswersAllEarlierQuestions() async throws {
    var queue = SaveQueue()
    let numbers = (0..<3).map { _ in queue.newNumber() }
    let (done, report) = AsyncStream.makeStream(of: String.self)
    // The continuations run only after this function suspends, and all are added before.
    for number in numbers {
      let (ready, isReady) = AsyncStream.makeStream(of: CheckedContinuation<Void, any Error>.self)
      Task {
        do {
          try await withCheckedThrowingContinuation { isReady.yield($0) }
          report.yield("\(number) stored")
        } catch {
          report.yield("\(number) \(error)")
        }
      }
      var iterator = ready.makeAsyncIterator()
      queue.add(number, try #require(await iterator.next()))
    }
    queue.succeed([1, 2, 3])
    #expect(queue.numbers == numbers)
    queue.succeed(SaveQueue.payload(numbers[1]))
    #expect(queue.numbers == [numbers[2]])
    queue.failAll(ClientError.closed)
    var told: Set<String> = []
    for await line in done {
      told.insert(line)
      if told.count == 3 { break }
    }
    #expect(told == ["1 stored", "2 stored", "3 the document was closed"])
  }
}

@Suite struct UnreachableServerTests {
  @Test func whoAcceptsAndSaysNothingIsGivenUp() async throws {
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup).bind(
      host: "127.0.0.1", port: 0
    ).get()
    let port = try #require(server.localAddress?.port)
    let address = try ServerAddress(server: "ws://127.0.0.1:\(port)", document: "note")
    await #expect(throws: (any Error).self) { try await WebSocket.connect(to: address, timeout: .milliseconds(50)) }
    try await server.close()
  }

  @Test func whoSpeaksAnotherProtocolIsNoServer() async throws {
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let answer = ByteBuffer(string: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
          channel.writeAndFlush(answer, promise: nil)
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(server.localAddress?.port)
    let address = try ServerAddress(server: "ws://127.0.0.1:\(port)", document: "note")
    await #expect(throws: ClientError.noWebSocket) { try await WebSocket.connect(to: address) }
    try await server.close()
  }

  @Test func editingGoesOnWithoutAServer() async throws {
    let document = try SharedDocument("note", on: "ws://127.0.0.1:1/collab")
    try await document.edit { try $0.text("t").append("offline") }
    #expect(await document.read { $0.text("t").string } == "offline")
    #expect(await document.status == .offline)
    let saving = Task { try await document.saved() }
    await document.close()
    await #expect(throws: ClientError.closed) { try await saving.value }
    await #expect(throws: ClientError.closed) { try await document.synced() }
    #expect(await document.read { $0.text("t").string } == "offline")
  }

  @Test func aWaitThatIsCancelledEnds() async throws {
    let document = try SharedDocument("note", on: "ws://127.0.0.1:1/collab")
    let saving = Task { try await document.saved() }
    saving.cancel()
    await #expect(throws: CancellationError.self) { try await saving.value }
    await document.close()
  }
}
