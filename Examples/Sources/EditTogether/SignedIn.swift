import HeddleClient
import YCRDT

/// Whoever gives out tokens: an application's own server.
protocol Session: Sendable {
  func token() async throws -> String
}

/// What the readme shows: a document at a server that wants tokens.
func rename(_ session: any Session, show: (SharedDocument.Status) -> Void) async throws {
  let document = try SharedDocument("workflow:…", on: "ws://127.0.0.1:4400/collab") { try await session.token() }
  try await document.synced()
  try await document.edit { try $0.map("workflow").set("name", .string("Intake")) }
  try await document.saved()  // the server has committed it
  for await status in await document.statuses() { show(status) }  // offline, synced, readOnly, unauthorized, …
}
