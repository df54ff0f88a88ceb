import Foundation
import TestSupport
import Testing
import Workflow

/// A history that is brought to a server commit by commit, while two clients edit what is live and save nothing.
final class Replay {
  /// How a commit gets to the server.
  typealias Deploy = (MadeHistory.Commit, ReplayedRows) async throws -> Void

  private let server: HeddleServer
  private let history: MadeHistory
  private let deploy: Deploy
  private var random: SeededGenerator
  private var editors: [ReplayEditor] = []
  private var edits = UnsavedEdits()
  private var rows = ReplayedRows(export: .null)
  /// The conflicts that are known, by workflow and id.
  private var known: Set<String> = []
  private(set) var statistics = Statistics()

  struct Statistics {
    var syncs = 0
    var edits = 0
    var conflicts = 0
    var kept = 0
    var times: [Duration] = []
  }

  init(_ history: MadeHistory, on server: HeddleServer, seed: UInt64, deploy: @escaping Deploy) async throws {
    (self.history, self.server, self.deploy) = (history, server, deploy)
    random = SeededGenerator(seed: seed)
    editors = try [ReplayEditor(.node, on: server), ReplayEditor(.python, on: server)]
  }

  func stop() async throws {
    for editor in editors { try await editor.stop() }
  }

  /// Brings all commits, one after the other.
  func play(_ commits: [MadeHistory.Commit]) async throws {
    for (number, commit) in commits.enumerated() {
      if !rows.workflows.isEmpty {
        for editor in editors { try await edit(editor, number) }
      }
      try await bring(commit)
    }
  }

  /// Goes to some document, or stays, and edits a job there.
  private func edit(_ editor: ReplayEditor, _ number: Int) async throws {
    let isThere = editor.workflow.flatMap { rows.workflow($0) } != nil
    if !isThere || Int.random(in: 0..<6, using: &random) == 0 {
      let workflow = rows.workflows.randomElement(using: &random)?["id"]?.string ?? ""
      try await editor.go(to: workflow)
    }
    guard let workflow = editor.workflow, let row = rows.workflow(workflow),
      let job = row["jobs"]?.array?.randomElement(using: &random)?["id"]?.string
    else { return }
    let name = "\(editor.client.kind.rawValue) \(number)"
    let path: Path = ["jobs", ["id": .string(job)]]
    switch Int.random(in: 0..<6, using: &random) {
    case 0:
      try await editor.client.edit(.set(path, "name", .string(name)))
      edits.set(.string(name), at: .init(workflow: workflow, job: job, field: "name"))
    case 1:
      let adaptor = "@openfn/language-\(editor.client.kind.rawValue)@\(number).0.0"
      try await editor.client.edit(.set(path, "adaptor", .string(adaptor)))
      edits.set(.string(adaptor), at: .init(workflow: workflow, job: job, field: "adaptor"))
    case 2...4:
      let text = "// \(name)\n"
      let body: Path = ["jobs", ["id": .string(job)], "body"]
      try await editor.client.edit(.type(text, into: body, at: Bool.random(using: &random) ? 0 : -1))
      edits.type(text, at: .init(workflow: workflow, job: job, field: "body"))
    default: return
    }
    try await editor.client.acknowledge()
    statistics.edits += 1
  }

  private func bring(_ commit: MadeHistory.Commit) async throws {
    let (before, start) = (rows, ContinuousClock.now)
    try await history.show(commit)
    try await deploy(commit, before)
    statistics.times.append(ContinuousClock.now - start)
    statistics.syncs += 1
    let (status, export) = try await server.request("GET", "/api/provision/\(history.project)")
    try #require(status == 200, "\(export.text)")
    rows = ReplayedRows(export: export)
    let differences = rows.differences(from: commit.workflows)
    try #require(differences.isEmpty, "rows at \(commit.id) (\(commit.message)): \(differences)")
    for row in before.workflows {
      guard let id = row["id"]?.string else { continue }
      let outcome = edits.rowsChanged(id, from: row, to: rows.workflow(id))
      try await check(id, outcome, commit)
    }
  }

  /// The document, once what is in the rows has been merged into it.
  private func live(_ id: String, like row: JSONValue) async throws -> JSONValue {
    var answer = JSONValue.null
    try await until("the rows of \(id) are merged", limit: .seconds(10), state: answer.text) {
      let (status, body) = try await server.request("GET", "/api/workflows/\(id)")
      try #require(status == 200, "\(id): \(body.text)")
      answer = body
      return body["data"]?["lock_version"] == row["lock_version"]
    }
    return try #require(answer["data"])
  }

  /// Looks at a workflow after a sync.
  private func check(_ id: String, _ outcome: UnsavedEdits.Outcome, _ commit: MadeHistory.Commit) async throws {
    let place = "\(id) at \(commit.id) (\(commit.message))"
    guard let row = rows.workflow(id) else { return }
    for editor in editors where editor.workflow == id { try await editor.wait(until: row) }
    let data = try await live(id, like: row)
    let (_, list) = try await server.request("GET", "/api/workflows/\(id)/conflicts?status=all&limit=200")
    let new = (list["data"]?.array ?? []).filter { known.insert("\(id) \($0["id"]?.string ?? "")").inserted }
    let units = new.map { ($0["unit"]?.array ?? []).compactMap(\.string) }
    statistics.conflicts += new.count
    statistics.kept += new.count { $0["kind"] == "edit/delete" }
    for unit in units where unit.last == "body" && unit.count == 3 {
      edits.mixed.insert(.init(workflow: id, job: unit[1], field: "body"))
    }
    try #require(Set(units).subtracting(outcome.possible) == outcome.conflicts, "\(place): conflicts \(list.text)")
    try #require(units.count == Set(units).count, "\(place): conflicts twice: \(units)")
    let differences = edits.differences(of: data, from: row, id)
    try #require(differences.isEmpty, "\(place): \(differences)")
    for editor in editors where editor.workflow == id {
      try await editor.client.acknowledge()
      let shown = edits.differences(of: try await editor.client.content(), from: row, id)
      try #require(shown.isEmpty, "\(place): the \(editor.client.kind) client: \(shown)")
    }
  }
}

/// Somebody who edits one document after the other with a real client.
final class ReplayEditor {
  let client: ScriptedClient
  private(set) var workflow: String?
  private let server: HeddleServer

  init(_ kind: ScriptedClient.Kind, on server: HeddleServer) throws {
    self.server = server
    client = try ScriptedClient(kind)
  }

  func go(to workflow: String) async throws {
    if self.workflow != nil { try await client.perform("reset") }
    try await client.open(server.collab, "workflow:\(workflow)")
    try await client.wait(.synced())
    self.workflow = workflow
  }

  /// Waits until the client has what was synced into the rows.
  func wait(until row: JSONValue) async throws {
    guard let version = row["lock_version"] else { return }
    try await client.wait(.value(at: ["workflow", "lock_version"], is: version))
  }

  func stop() async throws {
    try await client.stop()
  }
}
