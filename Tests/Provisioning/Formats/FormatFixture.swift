import FoundationEssentials
import Testing
import Workflow

@testable import Provisioning

/// Project files of this folder, texts as files, and what comes of importing them.
enum FormatFixture {
  static let project = "1f000000-0000-4000-8000-000000000001"
  static let now = "2026-11-21T06:00:00Z"

  /// The folder with the example projects.
  static var folder: String {
    #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined() + "/Projects"
  }

  static func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: "\(folder)/\(path)")))
  }

  /// Reads an example with the files beside it.
  static func example(_ path: String) throws -> ProjectFile {
    let parts = path.split(separator: "/")
    let folder = LocalFolder(([Self.folder] + parts.dropLast().map(String.init)).joined(separator: "/"))
    return try ProjectFile.parse(bytes(path), named: String(parts.last ?? ""), in: folder)
  }

  static func parse(_ text: String, named name: String = "project.yaml", in tree: MemoryTree? = nil)
    throws(FileProblems)
    -> ProjectFile
  {
    try ProjectFile.parse(Array(text.utf8), named: name, in: tree)
  }

  /// What is wrong with a text, one problem a line.
  static func problems(_ text: String, named name: String = "p.yaml", in tree: MemoryTree? = nil) -> [String] {
    do throws(FileProblems) {
      _ = try parse(text, named: name, in: tree)
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  /// What comes of a file. A single workflow is imported into a project without workflows.
  static func imported(
    _ file: ProjectFile, into content: ProjectContent? = nil, state: ProjectState? = nil
  ) throws -> ProjectContent {
    let empty = file.isSingleWorkflow ? ProjectContent(id: project, name: "empty") : nil
    return try ProjectImport(file: file, state: state, projectID: content?.id ?? project)
      .applied(to: content ?? empty, foreignIDs: [], now: now)
  }

  static func imported(_ text: String, into content: ProjectContent? = nil, state: ProjectState? = nil) throws
    -> ProjectContent
  {
    try imported(parse(text), into: content, state: state)
  }
}

/// Files in memory.
struct MemoryTree: FileTree {
  var files: [String: [UInt8]] = [:]

  init(_ files: [String: String] = [:]) {
    self.files = files.mapValues { Array($0.utf8) }
  }

  init(files: [String: [UInt8]]) {
    self.files = files
  }

  func contents(of path: String) throws(FileTreeError) -> [UInt8] {
    guard let bytes = files[path] else { throw .missing }
    return bytes
  }
}

extension ProjectContent {
  /// The content without what says only when and under which ids it is there: what two imports of one file have in common.
  var byNames: [String: JSONValue] {
    var result: [String: JSONValue] = [
      "name": .string(name), "description": JSONValue(description),
      "credentials": .array(credentials.map { .string("\($0.owner)|\($0.name)") }.sorted { $0.text < $1.text }),
      "collections": .array(collections.map { .string($0.name) }.sorted { $0.text < $1.text }),
    ]
    for rows in workflows where rows.deletedAt == nil {
      result["workflow \(rows.content.name)"] = rows.content.byNames(credentials)
    }
    return result
  }
}

extension WorkflowContent {
  fileprivate func byNames(_ credentials: [ProjectCredential]) -> JSONValue {
    var names = Dictionary(credentials.map { ($0.id, "\($0.owner)|\($0.name)") }) { first, _ in first }
    for job in jobs { names[job.id] = "job \(job.name)" }
    for (number, trigger) in triggers.enumerated() {
      // Triggers of one type are told apart by what they say.
      let isOnly = triggers.count { $0.type == trigger.type } == 1
      names[trigger.id] = "trigger \(trigger.type)\(isOnly ? "" : " \(trigger.cronExpression ?? "") \(number)")"
    }
    let list = [jobs.map { $0.fields }, triggers.map { $0.fields }, edges.map { $0.fields }].map { entities in
      JSONValue.array(
        entities.map { fields in
          JSONValue.object(fields.mapValues { $0.string.flatMap { names[$0] }.map(JSONValue.string) ?? $0 })
        }.sorted { $0.text < $1.text })
    }
    return .array(list)
  }
}
