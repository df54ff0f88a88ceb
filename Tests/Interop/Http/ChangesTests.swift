import Gateway
import Logging
import Rooms
import Storage
import TestSupport
import Testing
import Workflow
import YCRDT

/// `GET /api/workflows/<id>/changes`: what is told of a document as it is stored.
@Suite struct ChangesTests {
  private let path = Site.workflowPath + "/changes"
  private let job = SampleProject.jobs[0]

  private func json(_ event: EventStream.Event) throws -> JSONValue { try JSONValue(parsing: event.data) }

  private func plain(_ tag: String) -> String { String(tag.dropFirst().dropLast()) }

  private func rename(_ tab: Tab, _ name: String) throws {
    try tab.edit { try $0.map("workflow").set("name", .string(name)) }
    try tab.settle()
  }

  // MARK: Long poll

  @Test func whatIsStoredSinceIsToldWithWhoWroteIt() throws {
    let site = try Site()
    let tag = try site.tag()
    let tab = try Tab(site, name: "Ada")
    try rename(tab, "Typed")
    try site.save()
    #expect(try site.patch(#"{"concurrency":2}"#).status == 200)
    let answer = try site.send("GET", "\(path)?since=\(plain(tag))")
    #expect(answer.status == 200 && answer.json["more"] == false, "\(answer.text)")
    let entries = try #require(answer.json["data"]?.array)
    #expect(entries.map { $0["by"]?.array?.map { $0["source"]?.string } } == [["member"], ["patch"]])
    #expect(entries[0]["by"]?.array?[0]["actor"] == ["type": "member", "id": nil, "name": "Ada"])
    #expect(
      entries[0]["changes"]
        == [["unit": ["workflow", "name"], "kind": "changed", "before": "Intake", "after": "Typed"]])
    #expect(entries[1]["changes"]?.array?.map { $0["unit"] } == [["workflow", "concurrency"]])
    #expect(entries[1]["changes"]?.array?.first?["after"] == 2)
    #expect(entries[0]["at"]?.string?.hasSuffix("Z") == true)
    let last = try site.tag()
    #expect(entries[1]["etag"]?.string == last && answer.json["etag"]?.string == last)
    #expect(try site.send("GET", "\(path)?since=\(plain(last))").json["data"] == [])
    let bySequence = try site.send("GET", "\(path)?since=1").json["data"]?.array ?? []
    #expect(bySequence == entries)
    // Any version that was told is one that a patch may be of.
    let older = try #require(entries[0]["etag"]?.string)
    #expect(try site.patch(#"{"enable_job_logs":false}"#, of: older).status == 200)
  }

  @Test func whoWaitsIsToldAsSoonAsSomethingIsStored() throws {
    let site = try Site()
    let tag = try site.tag()
    let socket = try site.begin("GET", "\(path)?since=\(plain(tag))&wait=30")
    #expect(!socket.hasInput(within: 300))
    let tab = try Tab(site)
    try rename(tab, "Typed")
    let answer = try socket.readResponse()
    #expect(answer.status == 200 && answer.json["data"]?.array?.count == 1)
    #expect(try answer.json["etag"]?.string == site.tag())
  }

  /// As another server does.
  @Test func whatOthersStoreIsTold() throws {
    let site = try Site()
    let tag = try site.tag()
    let socket = try site.begin("GET", "\(path)?since=\(plain(tag))&wait=30")
    #expect(!socket.hasInput(within: 100))
    let rows = try site.rows()
    let name = DocumentName(workflowID: SampleProject.workflow)
    let store = Store(
      configuration: StoreConfiguration(conninfo: site.conninfo), logger: Logger(label: "test") { _ in SilentLog() })
    store.start()
    defer { store.stop() }
    let stored = try #require(try store.wait { store.open(name, $0) })
    let doc = Doc(clientID: 77)
    for update in (stored.checkpoint.map { [$0] } ?? []) + stored.updates { try doc.apply(update) }
    let known = doc.stateVector
    try doc.transact { try doc.map("workflow").set("name", .string(rows.content.name + "!")) }
    _ = try store.wait { store.append(name, doc.encodeStateAsUpdate(since: known), $0) }
    let answer = try socket.readResponse()
    #expect(answer.json["data"]?.array?.first?["changes"]?.array?.first?["after"] == "Intake!")
  }

  @Test func waitingHasAnEnd() throws {
    let site = try Site { _ in
    } gateway: {
      $0.feeds.maximumWait = .seconds(1)
    }
    let tag = try site.tag()
    let answer = try site.send("GET", "\(path)?since=\(plain(tag))&wait=3600")
    #expect(answer.status == 200 && answer.json["data"] == [] && answer.json["etag"]?.string == tag)
  }

  @Test func wrongRequestsAreRefusedInPlainWords() throws {
    let site = try Site()
    for query in ["", "?since=", "?since=x", "?since=-1", "?since=1&wait=x", "?since=1&wait=-1", "?since=1-2-3"] {
      let answer = try site.send("GET", path + query)
      #expect(answer.status == 422, "\(query): \(answer.text)")
    }
    #expect(try site.send("GET", "/api/workflows/\(SampleProject.id)/changes?since=1").status == 404)
    let gone = try site.send("GET", "\(path)?since=999")
    #expect(gone.status == 410 && gone.json["type"] == "version_gone", "\(gone.text)")
  }

  @Test func whatTheLogHasLetGoOfIsGone() throws {
    var room = RoomConfiguration()
    room.checkpointUpdates = 2
    let site = try Site(room: room)
    let tag = try site.tag()
    let tab = try Tab(site)
    for number in 0..<12 { try rename(tab, "\(number)") }
    try until("the log has let go of it") {
      try site.database.run("select from document_updates where sequence = 1").isEmpty
    }
    #expect(try site.send("GET", "\(path)?since=\(plain(tag))").status == 410)
    let stream = try EventStream(port: site.port, path, headers: ["Last-Event-ID: \(plain(tag))"])
    let reset = try stream.next("reset")
    #expect(try reset.id == plain(site.tag()), "read again, and go on from here")
    try rename(tab, "Last")
    #expect(try json(stream.next("change"))["changes"]?.array?.first?["after"] == "Last")
  }

  // MARK: Events

  @Test func aStreamTellsOfEachChangeAndGoesOnWhereItWas() throws {
    let site = try Site()
    let tab = try Tab(site, name: "Ada")
    let stream = try EventStream(port: site.port, path)
    #expect(stream.head.hasPrefix("http/1.1 200 ok") && stream.head.contains("content-type: text/event-stream"))
    #expect(try stream.next("position").id == plain(site.tag()))
    try rename(tab, "One")
    let one = try stream.next("change")
    #expect(try one.id == plain(site.tag()))
    #expect(try json(one)["by"]?.array?.first?["actor"]?["name"] == "Ada")
    stream.socket.close()
    try rename(tab, "Two")
    let again = try EventStream(port: site.port, "\(path)?since=1", headers: ["Last-Event-ID: \(one.id)"])
    let two = try again.next()
    #expect(two.name == "change")
    #expect(
      try json(two)["changes"]
        == [["unit": ["workflow", "name"], "kind": "changed", "before": "One", "after": "Two"]])
  }

  @Test func aNewHistoryIsToldAsOne() throws {
    let site = try Site()
    let stream = try EventStream(port: site.port, path)
    _ = try stream.next("position")
    try site.post(Site.workflowPath + "/renew", expecting: 200)
    #expect(try stream.next("reset").id == plain(site.tag()))
  }

  @Test func aQuietStreamIsHeardOf() throws {
    let site = try Site { _ in
    } gateway: {
      $0.feeds.heartbeat = .seconds(1)
    }
    let stream = try EventStream(port: site.port, path)
    _ = try stream.next("position")
    #expect(try stream.next().comment == "still here")
  }

  /// Nothing piles up for who reads nothing: what is behind comes when he reads, from the log.
  @Test func aSlowReaderGetsAllOfItLater() throws {
    var room = RoomConfiguration()
    // The log is kept.
    room.checkpointBytes = 1 << 30
    let site = try Site(room: room, configure: { $0.socketSendBufferBytes = 8192 })
    let tab = try Tab(site)
    let stream = try EventStream(port: site.port, path, receiveBuffer: 4096)
    let filler = String(repeating: "x", count: 200_000)
    for number in 0..<12 {
      try tab.edit { doc in
        guard let body = tab.body(job) else { return }
        try body.remove(0..<body.utf16Count)
        try body.insert("\(number)" + filler, at: 0)
      }
      try tab.settle()
    }
    var after = ""
    while after != "11" + filler {
      after = try json(stream.next("change"))["changes"]?.array?.first?["after"]?.string ?? ""
    }
  }

  @Test func thereAreOnlySoMany() throws {
    let site = try Site { _ in
    } gateway: {
      $0.feeds.maximumFeeds = 2
    }
    let streams = try (0..<2).map { _ in try EventStream(port: site.port, path) }
    for stream in streams { _ = try stream.next("position") }
    let refused = try site.send("GET", "\(path)?since=1&wait=5")
    #expect(refused.status == 503 && refused.headers["retry-after"] == "5", "\(refused.text)")
    streams[0].socket.close()
    // The server notices when it does.
    var status = 503
    while status == 503 { status = try site.send("GET", "\(path)?since=1").status }
    #expect(status == 200)
  }

  @Test func aServerThatEndsSaysSo() throws {
    let site = try Site()
    let tag = try site.tag()
    let stream = try EventStream(port: site.port, path)
    _ = try stream.next("position")
    let socket = try site.begin("GET", "\(path)?since=\(plain(tag))&wait=30")
    #expect(!socket.hasInput(within: 200))
    site.stop()
    #expect(try stream.next().name == "end")
    #expect(try stream.socket.readToEnd().isEmpty)
    let answer = try socket.readResponse()
    #expect(answer.status == 200 && answer.json["data"] == [] && answer.json["etag"]?.string == tag)
  }
}
