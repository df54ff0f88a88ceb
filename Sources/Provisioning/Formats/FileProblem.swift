public import Workflow

/// One thing that is wrong with a project file, where, and what would be right.
public struct FileProblem: Hashable, Sendable, CustomStringConvertible {
  public var file: String
  /// From 1; nil where the problem has no place in the file.
  public var line: Int?
  /// In characters, from 1.
  public var column: Int?
  /// The way to it from the file's top, `workflows.intake.jobs.fetch.adaptor`; "" for the file itself.
  public var path: String
  public var message: String

  public init(file: String, line: Int? = nil, column: Int? = nil, path: String = "", message: String) {
    self.file = file
    self.line = line
    self.column = column
    self.path = path
    self.message = message
  }

  /// `project.yaml:12:5: workflows.intake.jobs.fetch.adaptor: …`
  public var description: String {
    var text = place
    if !path.isEmpty { text += ": \(path)" }
    return "\(text): \(message)"
  }

  fileprivate var place: String {
    file + (line.map { ":\($0)" } ?? "") + (line == nil ? "" : column.map { ":\($0)" } ?? "")
  }
}

/// Everything that is wrong with a project file and the files beside it, all at once.
public struct FileProblems: Error, Hashable, Sendable, CustomStringConvertible {
  /// In the order of the file.
  public var problems: [FileProblem]

  public init(_ problems: [FileProblem]) {
    self.problems = problems
  }

  /// One problem.
  public init(_ problem: FileProblem) {
    problems = [problem]
  }

  /// One problem a line.
  public var description: String { problems.map(\.description).joined(separator: "\n") }

  /// `{path: ["project.yaml:12:5: message"]}`, as errors over HTTP are; what concerns the whole file stands under `base`.
  public var json: JSONValue {
    var fields: [String: [JSONValue]] = [:]
    for problem in problems {
      fields[problem.path.isEmpty ? "base" : problem.path, default: []].append(
        .string("\(problem.place): \(problem.message)"))
    }
    return .object(fields.mapValues(JSONValue.array))
  }

  /// Every problem as an object with `file`, `line`, `column`, `path` and `message`.
  public var list: JSONValue {
    .array(
      problems.map { problem in
        [
          "file": .string(problem.file), "line": JSONValue(problem.line), "column": JSONValue(problem.column),
          "path": .string(problem.path), "message": .string(problem.message),
        ]
      })
  }
}

extension [FileProblem] {
  /// The problems in the order of the file.
  var inOrder: [FileProblem] {
    enumerated().sorted { one, other in
      (one.element.line ?? 0, one.element.column ?? 0, one.offset)
        < (other.element.line ?? 0, other.element.column ?? 0, other.offset)
    }.map(\.element)
  }
}
