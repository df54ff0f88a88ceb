import Foundation
import Synchronization
import TestSupport
import Testing
import Workflow
import YCRDT
import YProtocol

@testable import Gateway

/// Many that come, or have to go, at once.
@Suite struct JoinStormTests {
  private typealias Tab = CollabAccessTests.Tab

  /// A document that is large enough to be sent in one frame to all.
  private func fill(_ tab: Tab) throws {
    var update: [UInt8] = []
    let subscription = tab.doc.observeUpdates { update = $0.update }
    defer { subscription.cancel() }
    let text = String(repeating: "a line of a large document\n", count: 4 * StateFrame.minimumBytes / 27)
    try tab.doc.transact { try tab.doc.map("workflow").set("name", .string(text)) }
    try tab.send(.update(update))
    try tab.acknowledge()
  }

  @Test func everybodyGetsTheDocumentAsItIs() throws {
    let site = try AccessSite(wantsTokens: false)
    defer { site.stop() }
    let writer = try Tab(site, token: nil)
    #expect(try writer.welcome() == nil)
    try fill(writer)
    for round in 0..<3 {
      let tabs = try (0..<8).map { _ in try Tab(site, token: nil) }
      for tab in tabs { #expect(try tab.welcome() == nil) }
      for tab in tabs { #expect(tab.doc.encodeStateAsUpdate() == writer.doc.encodeStateAsUpdate()) }
      try writer.rename("\(round)" + String(repeating: "x", count: 2 * StateFrame.minimumBytes))
      try writer.acknowledge()
    }
  }

  /// Who asks in another protocol gets it in that one.
  @Test func eachProtocolHasItsOwnFrame() throws {
    let site = try AccessSite(wantsTokens: false)
    defer { site.stop() }
    let writer = try Tab(site, token: nil)
    #expect(try writer.welcome() == nil)
    try fill(writer)
    for _ in 0..<2 {
      let plain = try Tab(site, token: nil)
      #expect(try plain.welcome() == nil)
      let other = try HocuspocusAccessTests.Tab(site, token: "")
      try other.load()
      #expect(other.doc.encodeStateAsUpdate() == writer.doc.encodeStateAsUpdate())
    }
  }

  /// A server that ends lets so many go in a second; the others go on meanwhile.
  @Test func aServerThatEndsLetsGoOfAFewAtATime() throws {
    let site = try AccessSite(
      wantsTokens: false, gateway: { $0.drainClosesPerSecond = 2 })
    let ids = (0..<5).map { "dddddddd-0000-4000-8000-00000000000\($0)" }
    let workflows = ids.map { id -> JSONValue in ["id": .string(id), "name": .string("Number " + id.suffix(1))] }
    let body: JSONValue = ["id": .string(SampleProject.id), "name": "sample", "workflows": .array(workflows)]
    #expect(try site.request("POST", "/api/provision", body).status == 201)
    var sockets = try ids.map { try TestWebSocket(port: site.port, target: "/collab/workflow:\($0)") }
    let hasEnded = Atomic(false)
    let confined = Confined(site)
    let thread = Thread {
      confined.value.stop()
      hasEnded.store(true, ordering: .releasing)
    }
    thread.start()
    var firstClosed: ContinuousClock.Instant?
    while !sockets.isEmpty {
      try sockets.removeAll { socket in
        guard try !isServed(socket) else { return false }
        firstClosed = firstClosed ?? .now
        return true
      }
    }
    // Two at once, two with the next tick, which comes within a second, and the last one a second later.
    #expect(try .now - #require(firstClosed) > .milliseconds(900), "all went at once")
    try until("the server has ended") { hasEnded.load(ordering: .acquiring) }
  }

  /// Whether what it asks is answered; if not, it was let go as it should be.
  private func isServed(_ socket: TestWebSocket) throws -> Bool {
    // A socket that was closed may not take it any more.
    try? socket.send(.binary, Message.syncStatus([7]).encoded())
    while true {
      let frame = try socket.readMessage()
      if frame.opcode == .close {
        #expect(frame.closeCode == 1012)
        return false
      }
      if case .syncStatus = try Message(decoding: frame.payload) { return true }
    }
  }
}
