import Foundation
import YCRDT

/// The engine beside pycrdt (Yrs), on the same inputs in the same run. Without pycrdt the engine is measured alone.
///
/// The interpreter is `python3`, or what `HEDDLE_BENCH_PYTHON` names.
enum EngineBenchmarks {
  static func run() throws {
    let streams = try EngineStreams(typing: 100_000, workflowEdits: 10_000)
    let ours = try measure(streams)
    let peer = try measurePeer(streams)
    if peer.isEmpty { print("pycrdt is not available: the engine alone") }
    for (name, time) in ours {
      guard let other = peer[name] else {
        Stopwatch.row(name, "\(Stopwatch.format(time)) ms")
        continue
      }
      Stopwatch.row(
        name,
        "\(Stopwatch.format(time)) ms   pycrdt \(Stopwatch.format(other)) ms   × \(Stopwatch.format(other / time))")
    }
  }

  // MARK: - Ours

  private static func measure(_ streams: EngineStreams) throws -> [(String, Double)] {
    let workflow = Doc()
    try workflow.apply(streams.workflow)
    let edited = workflow.fork(clientID: 1)
    for update in streams.workflowEdits.dropLast(10) { try edited.apply(update) }
    let known = edited.stateVector
    for update in streams.workflowEdits.suffix(10) { try edited.apply(update) }
    return [
      (
        "typing: \(streams.typing.count) updates one by one, with events",
        try median(5) { try apply(streams.typing, to: Doc()) }
      ),
      ("typing: loaded", try median(9) { try apply([streams.typed], to: Doc()) }),
      ("typing: made as local edits, with events", try median(3) { try edit(streams.typingEdits) }),
      ("workflow: loaded", try median(9) { try apply([streams.workflow], to: Doc()) }),
      (
        "workflow: \(streams.workflowEdits.count) updates one by one, with events",
        try median(5) { try apply(streams.workflowEdits, to: workflow.fork(clientID: 1)) }
      ),
      ("workflow: encoded", median(9) { _ = workflow.encodeStateAsUpdate() }),
      ("workflow: diff for a peer 10 updates behind", median(9) { _ = edited.encodeStateAsUpdate(since: known) }),
      ("workflow: forked", median(9) { _ = workflow.fork(clientID: 1) }),
    ]
  }

  private static func apply(_ updates: [[UInt8]], to doc: Doc) throws {
    var bytes = 0
    let subscription = doc.observeUpdates { bytes += $0.update.count }
    for update in updates { try doc.apply(update) }
    subscription.cancel()
  }

  private static func edit(_ edits: [(index: Int, deleted: Int, inserted: String)]) throws {
    let doc = Doc(clientID: 1)
    let text = doc.text("text")
    var bytes = 0
    let subscription = doc.observeUpdates { bytes += $0.update.count }
    for edit in edits {
      try doc.transact {
        if edit.deleted > 0 { try text.remove(edit.index..<(edit.index + edit.deleted)) }
        if !edit.inserted.isEmpty { try text.insert(edit.inserted, at: edit.index) }
      }
    }
    subscription.cancel()
  }

  private static func median(_ runs: Int, _ body: () throws -> Void) rethrows -> Double {
    var times: [Double] = []
    for _ in 0..<runs { times.append(try ContinuousClock().measure(body).milliseconds) }
    return times.sorted()[runs / 2]
  }

  // MARK: - The peer

  private static func measurePeer(_ streams: EngineStreams) throws -> [String: Double] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-bench-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, updates) in [
      ("typing", streams.typing), ("typed", [streams.typed]), ("workflow", [streams.workflow]),
      ("workflow-edits", streams.workflowEdits),
    ] {
      try Data(framed(updates)).write(to: folder.appendingPathComponent(name))
    }
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("engine-peer.py")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let python = ProcessInfo.processInfo.environment["HEDDLE_BENCH_PYTHON"] ?? "python3"
    process.arguments = [python, script.path, folder.path]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    var times: [String: Double] = [:]
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: "\t")
      if fields.count == 2, let time = Double(fields[1]) { times[String(fields[0])] = time }
    }
    return times
  }

  /// Each update behind its length in four bytes, the lowest first.
  private static func framed(_ updates: [[UInt8]]) -> [UInt8] {
    updates.flatMap { update in
      (0..<4).map { UInt8(truncatingIfNeeded: update.count >> ($0 * 8)) } + update
    }
  }
}
