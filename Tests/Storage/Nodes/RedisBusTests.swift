import TestSupport
import Testing

@testable import Storage

/// The bus over Redis.
@Suite struct RedisBusTests {
  private typealias Node = NodeTests.Node

  @Test func messagesGoOverRedisAndHealWithoutIt() throws {
    let address = try TestStore.sampleDatabase()
    let redis = try RedisServer()
    let bus = try BusAddress(redis.url)
    let nodes = try (0..<2).map { _ in try Node(address, bus: bus) }
    for node in nodes {
      try until("they see each other") { node.sees(2) }
      node.store.follow(SampleProject.workflow, true)
    }
    let first = try NodeTests.edit(nodes[0].store, "a")
    try until("it is heard of") { nodes[1].hears(of: first) }
    nodes[0].store.show([7], in: SampleProject.workflow)
    try until("it is shown") { nodes[1].shown == [[7]] }
    #expect(nodes.allSatisfy { $0.store.nodesStatus?.bus.malformed == 0 })

    redis.kill()
    try until("it is noticed") { nodes.allSatisfy { $0.store.nodesStatus?.bus.isConnected == false } }
    #expect(nodes.allSatisfy { $0.store.status.isReachable })
    let unheard = try NodeTests.edit(nodes[0].store, "b")

    let again = try RedisServer(directory: redis.directory)
    try until("it is back") { nodes.allSatisfy { $0.store.nodesStatus?.bus.isConnected == true } }
    // What was missed meanwhile is looked for.
    try until("what was missed is found") { nodes[1].hears(of: unheard) }
    let last = try NodeTests.edit(nodes[0].store, "c")
    try until("it is heard of again") { nodes[1].hears(of: last) }
    for node in nodes { node.store.stop() }
    again.kill()
  }

  /// What was said between the opening of a document and the begin of its channel is looked for.
  @Test func whatIsSaidBeforeAChannelIsHeardIsFound() throws {
    let redis = try RedisServer()
    let address = try TestStore.sampleDatabase()
    let bus = try BusAddress(redis.url)
    let node = try Node(address, bus: bus)
    let sequence = try NodeTests.edit(node.store, "a")
    node.store.follow(SampleProject.workflow, true)
    try until("it is found") { node.hears(of: sequence) }
    node.store.stop()
    redis.kill()
  }

  /// Nobody else's messages, and none of another database, are taken for ours.
  @Test func strangersOnTheSameRedisDoNoHarm() throws {
    let redis = try RedisServer()
    let bus = try BusAddress(redis.url)
    let node = try Node(TestStore.sampleDatabase(), bus: bus)
    let other = try Node(TestStore.sampleDatabase(), bus: bus)
    for each in [node, other] { each.store.follow(SampleProject.workflow, true) }
    let installation = try TestStore.connection(node.store.configuration.conninfo).execute(.testInstallation).uuid(0, 0)
    let stranger = RedisConnection(address: bus)
    try stranger.connect()
    var random = SeededGenerator(seed: 5)
    for _ in 0..<500 {
      let bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in UInt8.random(in: 1...127, using: &random) }
      let text = String(decoding: bytes, as: UTF8.self)
      try stranger.pipeline([
        ["PUBLISH", "heddle:\(installation):all", text],
        ["PUBLISH", "heddle:\(installation):document:\(SampleProject.workflow)", "1 " + text],
      ])
    }
    try until("all of it was heard") { (node.store.nodesStatus?.bus.malformed ?? 0) >= 1000 }
    #expect(node.sees(1) && other.sees(1))
    #expect(other.store.nodesStatus?.bus.received == 0)
    for each in [node, other] { each.store.stop() }
    redis.kill()
  }

  @Test func aWrongPasswordIsNoticedAndNotLogged() throws {
    let redis = try RedisServer()
    let connection = RedisConnection(address: try BusAddress("unix://:wrong@\(redis.socket)"))
    var failure = ""
    try until("the server refuses it") {
      do { try connection.connect() } catch { failure = "\(error)" }
      return failure.contains("WRONGPASS")
    }
    #expect(!failure.contains("wrong@"))
    redis.kill()
  }
}

extension Statement {
  fileprivate static let testInstallation = Statement("test_installation", "select id from installation")
}
