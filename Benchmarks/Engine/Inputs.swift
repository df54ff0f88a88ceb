import Foundation

/// The files that the workloads read: real output of Yjs, made by `make-inputs.mjs` or given.
///
/// `.bin` is one update or state vector, `.lp` a list of updates, each behind its length (four bytes, lowest first), and
/// `b4-trace.json` has the edits of one long text as `[index, deleted, inserted]`.
struct Inputs {
  let folder: String

  init(_ folder: String) throws {
    self.folder = folder
    guard FileManager.default.fileExists(atPath: folder + "/b4-updates-v1.lp") else {
      throw Missing(description: "there are no inputs in \(folder); `make bench-engine` makes them")
    }
  }

  struct Missing: Error, CustomStringConvertible {
    let description: String
  }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder).appendingPathComponent(name)))
  }

  func list(_ name: String) throws -> [[UInt8]] {
    let bytes = try bytes(name)
    var updates: [[UInt8]] = []
    var offset = 0
    while offset + 4 <= bytes.count {
      let length = (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << ($1 * 8) }
      updates.append(Array(bytes[(offset + 4)..<(offset + 4 + length)]))
      offset += 4 + length
    }
    return updates
  }

  /// The edits of the long text; the file lies in the folder or beside it.
  func edits() throws -> [Edit] {
    let name = "b4-trace.json"
    let here = URL(fileURLWithPath: folder).appendingPathComponent(name)
    let file =
      FileManager.default.fileExists(atPath: here.path)
      ? here : URL(fileURLWithPath: folder).deletingLastPathComponent().appendingPathComponent(name)
    let object = try JSONSerialization.jsonObject(with: try Data(contentsOf: file)) as? [String: Any]
    return (object?["edits"] as? [[Any]] ?? []).map { edit in
      Edit(
        index: (edit[0] as? NSNumber)?.intValue ?? 0, deleted: (edit[1] as? NSNumber)?.intValue ?? 0,
        inserted: edit.count > 2 ? edit[2] as? String ?? "" : "")
    }
  }

  struct Edit {
    let index: Int
    let deleted: Int
    let inserted: String
  }
}
