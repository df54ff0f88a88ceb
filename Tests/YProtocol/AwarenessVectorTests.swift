import TestSupport
import Testing

@testable import YProtocol

/// Awareness as y-protocols behaves, for all that comes from one remote member.
@Suite struct AwarenessVectorTests {
  @Test func scriptsEndAsTheyDoWithYProtocols() throws {
    for vector in try Vectors.cases("protocol.jsonl") where vector["steps"] != nil { try replay(vector) }
  }

  private func replay(_ vector: VectorJSON) throws {
    let id = vector["id"]?.string ?? ""
    let own = vector["self"]?.integer
    var awareness = Awareness()
    for (number, step) in (vector["steps"]?.array ?? []).enumerated() {
      let label = "\(id), step \(number)"
      // Steps about the client of the replica itself: a server has none.
      let named = (step["remove"] ?? step["encode"])?.array.contains { $0.integer == own } ?? false
      guard step["local"] == nil, !named,
        step["entries"].map({ !$0.array.contains { $0.array[0].integer == own } }) ?? true
      else { return }
      if let update = step["apply"]?.bytes {
        if step["throws"] != nil {
          #expect(throws: ProtocolError.self, "\(label)") { try awareness.apply(update, from: 1, now: 0) }
          return
        }
        let change = try awareness.apply(update, from: 1, now: 0)
        try expect(change, step["events"]?.array.last { $0["update"] != nil }?["update"], update, label)
      } else if let removed = step["remove"]?.indices {
        _ = awareness.removeClients(Set(removed.map { UInt64($0) }))
      } else if let clients = step["encode"]?.indices {
        #expect(awareness.encoded(clients.map { UInt64($0) }) == step["bytes"]?.bytes, "\(label)")
      }
      try expectState(awareness, step["after"], own: own, label)
    }
  }

  private func expect(
    _ change: Awareness.Change, _ event: VectorJSON?, _ update: [UInt8], _ label: String
  ) throws {
    #expect(change.added.map { Int($0) } == event?["added"]?.indices ?? [], "\(label), added")
    #expect(change.updated.map { Int($0) } == event?["updated"]?.indices ?? [], "\(label), updated")
    #expect(change.removed.map { Int($0) } == event?["removed"]?.indices ?? [], "\(label), removed")
    #expect((change.broadcast == nil) == (event == nil), "\(label), broadcast")
  }

  private func expectState(
    _ awareness: Awareness, _ after: VectorJSON?, own: UInt64?, _ label: String
  ) throws {
    let states = (after?["states"]?.members ?? []).filter { UInt64($0.key) != own }
    #expect(awareness.clients == states.compactMap { UInt64($0.key) }.sorted(), "\(label), clients")
    for member in states {
      let state = try #require(awareness[UInt64(member.key) ?? 0])
      #expect(try VectorJSON(parsing: state.utf8) == member.value, "\(label), client \(member.key)")
    }
    for member in after?["clocks"]?.members ?? [] where UInt64(member.key) != own {
      #expect(awareness.clock(of: UInt64(member.key) ?? 0) == member.value.integer, "\(label), clock of \(member.key)")
    }
  }
}

@Suite struct FrameVectorTests {
  @Test func framesAreThoseOfYProtocols() throws {
    for vector in try Vectors.cases("protocol.jsonl") {
      for frame in vector["frames"]?.members ?? [] {
        let bytes = try #require(frame.value.bytes)
        let message = try Message(decoding: bytes)
        #expect(message.encoded() == bytes)
        switch (frame.key, message) {
        case ("step1FromClient", .syncStep1), ("step1FromServer", .syncStep1), ("step2FromServer", .syncStep2),
          ("updateFromClient", .update):
          break
        default:
          Issue.record("\(frame.key) is read as \(message)")
        }
      }
    }
  }

  @Test func hostileAwarenessIsRefused() throws {
    for vector in try Vectors.cases("malformed.jsonl") where vector["kind"]?.string == "awareness" {
      var awareness = Awareness()
      let bytes = try #require(vector["bytes"]?.bytes)
      let mustFail = vector["expect"]?.string == "reject" || vector["yjs"]?["outcome"]?.string == "throws"
      do {
        _ = try awareness.apply(bytes, from: 1, now: 0)
        #expect(!mustFail, "\(vector["id"]?.string ?? "") must be refused")
      } catch {
        #expect(awareness.isEmpty)
      }
    }
  }
}
