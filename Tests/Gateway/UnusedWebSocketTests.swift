import TestSupport
import Testing
import YProtocol

@testable import Gateway

/// Websockets for many documents over which none is open.
@Suite struct UnusedWebSocketTests {
  private func withSite(_ body: (AccessSite) throws -> Void) throws {
    let site = try AccessSite(
      network: { $0.tickInterval = .milliseconds(20) }, gateway: { $0.unusedTimeout = .milliseconds(200) })
    defer { site.stop() }
    try body(site)
  }

  private func close(of socket: TestWebSocket) throws -> TestWebSocket.Frame {
    while true {
      let frame = try socket.readMessage()
      if frame.opcode == .close { return frame }
    }
  }

  @Test func whoNamesNoDocumentIsClosedWithAReason() throws {
    try withSite { site in
      for target in ["/hocuspocus", "/socket/websocket?vsn=2.0.0&token=\(try site.token(.viewer))"] {
        let frame = try close(of: TestWebSocket(port: site.port, target: target))
        #expect(frame.closeCode == 4408 && frame.closeReason.contains("no document was open"), "\(target)")
      }
    }
  }

  /// Who shows no token, and what else it may say, is closed long before somebody who has one and no document.
  @Test func whoShowsNoTokenIsClosedSooner() throws {
    let site = try AccessSite(
      network: { $0.tickInterval = .milliseconds(20) },
      gateway: {
        $0.unusedTimeout = .seconds(600)
        $0.authenticationTimeout = .milliseconds(200)
      })
    defer { site.stop() }
    let name = "workflow:\(SampleProject.workflow)"
    let known = try TestWebSocket(port: site.port, target: "/hocuspocus")
    try known.send(.binary, HocuspocusFrame(name: name, .token("nonsense")).encoded())
    let silent = try TestWebSocket(port: site.port, target: "/hocuspocus")
    let talking = try TestWebSocket(port: site.port, target: "/hocuspocus")
    try talking.send(.binary, HocuspocusFrame(name: name, .stateless("hello")).encoded())
    for socket in [silent, talking] {
      let frame = try close(of: socket)
      #expect(frame.closeCode == 4408 && frame.closeReason.contains("no token came"), "\(frame.closeReason)")
    }
    try known.send(.binary, HocuspocusFrame.ping)
    while try known.readMessage().payload != HocuspocusFrame.pong {}
    let metrics = try site.request("GET", "/metrics", token: site.token(.superuser)).text
    #expect(metrics.contains("heddle_refusals_total{limit=\"authentication_time\"} 2"))
  }

  @Test func whereNoTokenIsWantedNoneHasToBeShown() throws {
    let site = try AccessSite(
      network: { $0.tickInterval = .milliseconds(20) }, wantsTokens: false,
      gateway: {
        $0.unusedTimeout = .milliseconds(400)
        $0.authenticationTimeout = .milliseconds(50)
      })
    defer { site.stop() }
    let frame = try close(of: TestWebSocket(port: site.port, target: "/hocuspocus"))
    #expect(frame.closeReason.contains("no document was open"))
  }

  @Test func whoHasOneStaysUntilAWhileAfterTheLast() throws {
    try withSite { site in
      let name = "workflow:\(SampleProject.workflow)"
      let used = try TestWebSocket(port: site.port, target: "/hocuspocus")
      let token = try site.token(.viewer)
      try used.send(.binary, HocuspocusFrame(name: name, .token(token)).encoded())
      _ = try used.readMessage()
      // Over the time in which this one is closed the other one would have been.
      #expect(try close(of: TestWebSocket(port: site.port, target: "/hocuspocus")).closeCode == 4408)
      try used.send(.binary, HocuspocusFrame.ping)
      while try used.readMessage().payload != HocuspocusFrame.pong {}
      try used.send(.binary, HocuspocusFrame(name: name, .close(reason: "")).encoded())
      #expect(try close(of: used).closeCode == 4408)
    }
  }

  @Test func aDocumentThatWasRefusedIsNotOpen() throws {
    try withSite { site in
      let socket = try TestWebSocket(port: site.port, target: "/hocuspocus")
      let name = "workflow:\(SampleProject.workflow)"
      try socket.send(.binary, HocuspocusFrame(name: name, .token("nonsense")).encoded())
      #expect(try close(of: socket).closeCode == 4408)
    }
  }
}
