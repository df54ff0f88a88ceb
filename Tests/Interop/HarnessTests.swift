import TestSupport
import Testing
import Workflow

/// The clients themselves, without a server.
@Suite struct ScriptedClientTests {
  @Test(arguments: ScriptedClient.Kind.allCases)
  func editsAreMadeWhileOffline(kind: ScriptedClient.Kind) async throws {
    let client = try ScriptedClient(kind)
    try await client.open("ws://127.0.0.1:1", "nobody", clientID: 7, connect: false)
    try await client.edit(
      .push([.sharedMap(["id": "a", "body": .sharedText("wörld🙂")])], onto: ["jobs"]),
      .type("hello ", into: ["jobs", 0, "body"], at: 0), .type("!", into: ["jobs", ["id": "a"], "body"], at: -1),
      .remove(2, from: ["jobs", 0, "body"], at: 11),
      .set(["positions"], "a", ["x": 1, "y": -2]))
    try await client.wait(.value(at: ["jobs", 0, "body"], is: "hello wörld!"))
    try await client.wait(.value(at: ["positions", "a"], is: ["x": 1, "y": -2]))
    #expect(try await client.content()["jobs"]?.array?.count == 1)
    try await client.stop()
  }

  @Test(arguments: ScriptedClient.Kind.allCases)
  func aWaitThatIsInVainSaysWhatItSaw(kind: ScriptedClient.Kind) async throws {
    let client = try ScriptedClient(kind)
    try await client.open("ws://127.0.0.1:1", "nobody", connect: false)
    let failure = await #expect(throws: ScriptedClient.Failure.self) {
      try await client.wait(.value(at: ["workflow", "name"], is: "x"), limit: .zero)
    }
    #expect(failure?.message.contains("not within 0 ms") == true)
    try await client.stop()
  }
}
