import TestSupport
import Testing
import Workflow

extension Interop {
  /// Clients of two implementations, cut off now and then, and somebody who imports; the seed decides what happens.
  @Suite struct ConvergenceGuaranteeTests {
    @Test(arguments: [UInt64(1), 2, 3])
    func g01_g04_everybodyConvergesAndNothingThatWasTypedOrImportedIsLost(seed: UInt64) async throws {
      var session = try await Session(seed: seed)
      for step in 0..<60 { try await session.step(step) }
      try await session.reconnect()
      let content = try await expectConvergence(session.clients, on: session.server, session.sample)
      let vector = try await session.clients[0].stateVector()
      for client in session.clients { #expect(try await client.stateVector() == vector, "seed \(seed)") }
      let bodies = (content["jobs"]?.array ?? []).compactMap { $0["body"]?.string }.joined()
      for token in session.tokens {
        #expect(bodies.ranges(of: token).count == 1, "seed \(seed): \(token) in \(bodies)")
      }
      for client in session.clients { try await client.stop() }
    }
  }

  /// What is written are tokens that nobody removes, so at the end each of them is there once.
  private struct Session {
    let server: HeddleServer
    let sample: SampleWorkflow
    private(set) var clients: [ScriptedClient] = []
    private(set) var tokens: [String] = []
    private var isConnected: [Bool] = []
    private var generator: SeededGenerator
    private var imported = (first: SampleWorkflow.firstBody, second: SampleWorkflow.secondBody)

    init(seed: UInt64) async throws {
      server = try HeddleServer.shared
      sample = try await SampleWorkflow.imported(into: server)
      generator = SeededGenerator(seed: seed)
      for kind in [ScriptedClient.Kind.node, .python, .node, .python] {
        clients.append(try await ScriptedClient.joined(kind, sample, on: server))
        isConnected.append(true)
      }
    }

    mutating func step(_ number: Int) async throws {
      let client = Int.random(in: 0..<clients.count, using: &generator)
      switch Int.random(in: 0..<12, using: &generator) {
      case 0 where isConnected[client]:
        try await clients[client].drop()
        isConnected[client] = false
      case 0,
        1 where !isConnected[client]:
        try await connect(client)
      case 2, 3: try await importVersion(number)
      case 4: try await clients[client].edit(.set(sample.firstJob, "name", .string("Name \(number)")))
      default: try await type(number, client)
      }
    }

    /// Has everybody back, and up to the last import.
    mutating func reconnect() async throws {
      for client in clients.indices where !isConnected[client] { try await connect(client) }
      let version = JSONValue(1 + tokens.count { $0.hasPrefix("<d") })
      for client in clients { try await client.wait(.value(at: ["workflow", "lock_version"], is: version)) }
    }

    private mutating func connect(_ client: Int) async throws {
      try await clients[client].connect()
      try await clients[client].wait(.synced())
      isConnected[client] = true
    }

    private mutating func type(_ number: Int, _ client: Int) async throws {
      let path = Bool.random(using: &generator) ? sample.body : sample.secondBody
      // At either end: in between, what arrives meanwhile could move a place into a token.
      let index = Bool.random(using: &generator) ? 0 : -1
      try await clients[client].edit(.type(token("m", number), into: path, at: index))
    }

    private mutating func importVersion(_ number: Int) async throws {
      let offset = boundary(of: imported.first)
      let units = Array(imported.first.utf16)
      imported.first =
        String(decoding: units[..<offset], as: UTF16.self) + token("d", number)
        + String(decoding: units[offset...], as: UTF16.self)
      try await sample.importProject(
        sample.project(firstBody: imported.first, secondBody: imported.second), into: server)
    }

    private mutating func token(_ author: String, _ number: Int) -> String {
      tokens.append("<\(author)\(number)>")
      return "<\(author)\(number)>"
    }

    /// A UTF-16 offset that is not inside a token.
    private mutating func boundary(of text: String) -> Int {
      var (offsets, isInside) = ([0], false)
      for (index, unit) in text.utf16.enumerated() {
        if unit == UInt16(UInt8(ascii: "<")) { isInside = true }
        if unit == UInt16(UInt8(ascii: ">")) { isInside = false }
        if !isInside { offsets.append(index + 1) }
      }
      return offsets.randomElement(using: &generator) ?? 0
    }
  }
}
