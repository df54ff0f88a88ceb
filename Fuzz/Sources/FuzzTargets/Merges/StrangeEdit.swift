import YCRDT

/// An edit of a workflow's document that no editor makes: anything anywhere, under the names that mean something.
struct StrangeEdit {
  private let doc: Doc

  init(_ doc: Doc) {
    self.doc = doc
  }

  private static let roots = ["workflow", "jobs", "triggers", "edges", "positions", "errors"]
  private static let keys = [
    "id", "name", "body", "adaptor", "type", "enabled", "lock_version", "deleted_at", "concurrency", "source_job_id",
    "target_job_id", "source_trigger_id", "cron_cursor_job_id", "kafka_configuration", "webhook_response_config",
    "job-1",
    "job-2", "trigger-1", "edge-1", "jobs", "x", "",
  ]
  private static let values: [YValue] = [
    .null, true, 0, -1, .int(1 << 53), 0.5, .float(.nan), .float(-.infinity), "", "job-1", "trigger-1", "edge-1", "w",
    "\u{0}", "🧵", [], [1, ["two"]], [:], ["id": "job-1", "body": ["x"]], ["x": 1, "y": .null], .binary([1, 2]),
    .undefined,
  ]

  /// Edits that are refused are part of it.
  func make(_ random: inout some RandomNumberGenerator) {
    doc.transact {
      let root = Self.roots.randomElement(using: &random) ?? ""
      switch Int.random(in: 0..<4, using: &random) {
      case 0: try? change(.text(doc.text(root)), &random)
      case 1: try? change(.map(doc.map(root)), &random)
      default: try? change(.array(doc.array(root)), &random)
      }
    }
  }

  private func change(_ element: YElement, _ random: inout some RandomNumberGenerator, depth: Int = 0) throws(YError) {
    switch element {
    case .map(let map): try change(map, &random, depth)
    case .array(let array): try change(array, &random, depth)
    case .text(let text):
      let index = Int.random(in: 0...text.utf16Count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: try text.insert("\u{0}é🧵", at: index)
      case 1: try text.insertEmbed(value(&random), at: index)
      case 2: try text.remove(index..<min(text.utf16Count, index + 1))
      default: try text.format(index..<text.utf16Count, ["bold": true])
      }
    default: break
    }
  }

  private func change(_ map: YMap, _ random: inout some RandomNumberGenerator, _ depth: Int) throws(YError) {
    let key = Self.keys.randomElement(using: &random) ?? ""
    switch Int.random(in: 0..<8, using: &random) {
    case 0, 1, 2: try map.set(key, value(&random))
    case 3: try map.removeValue(forKey: key)
    case 4: try map.setMap(key)
    case 5: try map.setText(key, "text")
    case 6: try map.setArray(key)
    default: if depth < 4, let inner = map[key] { try change(inner, &random, depth: depth + 1) }
    }
  }

  private func change(_ array: YArray, _ random: inout some RandomNumberGenerator, _ depth: Int) throws(YError) {
    let index = Int.random(in: 0...array.count, using: &random)
    switch Int.random(in: 0..<8, using: &random) {
    case 0: try array.insert([value(&random)], at: index)
    case 1: try array.insertMap(at: index)
    case 2: try array.insertText("text", at: index)
    case 3 where index < array.count: try array.remove(at: index)
    default: if depth < 4, index < array.count { try change(array[index], &random, depth: depth + 1) }
    }
  }

  private func value(_ random: inout some RandomNumberGenerator) -> YValue {
    Self.values.randomElement(using: &random) ?? .null
  }
}
