import TestSupport
import Testing
import Workflow

extension Interop {
  /// What people have in real editors while somebody imports: cursors, and steps to undo.
  @Suite struct EditorGuaranteeTests {
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")

    /// A text and what an import makes of it, in which every character occurs once.
    private func versions(seed: UInt64) -> (old: String, new: String) {
      var generator = SeededGenerator(seed: seed)
      let letters = Self.alphabet.shuffled(using: &generator)
      var new = Array(letters[..<30])
      for letter in letters[30..<40] { new.insert(letter, at: Int.random(in: 0...new.count, using: &generator)) }
      for _ in 0..<8 { new.remove(at: Int.random(in: 0..<new.count, using: &generator)) }
      return (String(letters[..<30]), String(new))
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func g09_cursorsStayAtTheirCharactersInBothImplementations(seed: UInt64) async throws {
      let server = try HeddleServer.shared
      let sample = SampleWorkflow()
      let (old, new) = versions(seed: seed)
      try await sample.importProject(sample.project(firstBody: old), into: server)
      var clients: [ScriptedClient] = []
      for kind in ScriptedClient.Kind.allCases {
        let client = try await ScriptedClient.joined(kind, sample, on: server)
        for index in 0..<old.count { try await client.placeCursor("\(index)", in: sample.body, at: index) }
        clients.append(client)
      }
      try await clients[0].edit(.type("+", into: sample.body, at: 10))
      try await sample.importProject(sample.project(firstBody: new), into: server)
      for client in clients { try await client.wait(.value(at: ["workflow", "lock_version"], is: 2)) }
      try await expectConvergence(clients, on: server, sample)
      for client in clients {
        let text = Array(try await client.value(at: sample.body).string ?? "")
        for (index, letter) in old.enumerated() {
          guard let expected = text.firstIndex(of: letter) else { continue }
          let found = try await client.cursor("\(index)", in: sample.body)
          #expect(found == expected, "seed \(seed), \(client.kind): the cursor before \(letter)")
        }
        try await client.stop()
      }
    }

    @Test(arguments: ScriptedClient.Kind.allCases, [UInt64(1), 2])
    func g16_undoTakesBackNoImportAndAnImportTakesNoStep(kind: ScriptedClient.Kind, seed: UInt64) async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let client = try await ScriptedClient.joined(kind, sample, on: server)
      let other = try await ScriptedClient.joined(kind == .node ? .python : .node, sample, on: server)
      try await client.trackUndo(of: sample.body, sample.firstJob)
      var generator = SeededGenerator(seed: seed)
      var (imported, steps) = (SampleWorkflow.firstBody, 0)
      for number in 0..<8 {
        if Int.random(in: 0..<3, using: &generator) > 0 {
          try await client.edit(.type("<m\(number)>", into: sample.body, at: Bool.random(using: &generator) ? 0 : -1))
          steps += 1
        } else {
          imported += "<d\(number)>\n"
          try await sample.importProject(sample.project(firstBody: imported), into: server)
          try await client.wait(.text(at: sample.body, contains: "<d\(number)>"))
        }
        #expect(try await client.undoDepth() == [steps, 0], "seed \(seed): an import is no step")
      }
      try await expectConvergence([client, other], on: server, sample)
      let full = try await client.value(at: sample.body)
      for _ in 0..<steps { try await client.undo() }
      try await expectConvergence([client, other], on: server, sample)
      #expect(try await other.value(at: sample.body) == .string(imported), "seed \(seed): what the import wrote stays")
      #expect(try await sample.live(on: server)["dirty"] == false, "seed \(seed): nothing of the member's is left")
      for _ in 0..<steps { try await client.redo() }
      try await expectConvergence([client, other], on: server, sample)
      #expect(try await other.value(at: sample.body) == full, "seed \(seed): redone")
      for each in [client, other] { try await each.stop() }
    }
  }
}
