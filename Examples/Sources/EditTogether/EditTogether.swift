import Foundation
import HeddleClient
import YCRDT

/// Two people at the code of a workflow's first job. Start it twice: what one types shows in both.
@main struct EditTogether {
  static func main() async throws {
    guard CommandLine.arguments.count == 3 else {
      fatalError("usage: EditTogether ws://127.0.0.1:4400/collab workflow:<uuid>")
    }
    let document = try SharedDocument(CommandLine.arguments[2], on: CommandLine.arguments[1])
    try await document.synced()
    let screen = Task {
      for await _ in await document.changes() {
        let code = await document.read { body(of: $0)?.string ?? "" }
        FileHandle.standardOutput.write(Data("\(code)\n----\n".utf8))
      }
    }
    for await line in typedLines() {
      try await document.edit { try body(of: $0)?.append("\(line)\n") }
    }
    try await document.saved()
    await document.close()
    await screen.value
  }

  static func body(of doc: Doc) -> YText? {
    doc.array("jobs").first?.map?["body"]?.text
  }

  static func typedLines() -> AsyncStream<String> {
    let (lines, typed) = AsyncStream.makeStream(of: String.self)
    Thread.detachNewThread {
      while let line = readLine() { typed.yield(line) }
      typed.finish()
    }
    return lines
  }
}
