import Provisioning
import Workflow

/// What a request wants to be imported: a document with ids, or a file in YAML, whose names become ids.
struct ImportSource: Sendable {
  let document: ProjectImport
  let isFile: Bool

  /// What the client is told where it was not imported.
  func response(to failure: ImportFailure) -> HTTPResponse {
    guard isFile, case .invalid(let errors) = failure else { return failure.response }
    return Self.response(to: document.problems(errors))
  }

  /// What the client is told of a file: by place, and in `problems` one by one.
  static func response(to problems: FileProblems) -> HTTPResponse {
    let body: JSONValue = ["errors": problems.json, "problems": problems.list]
    return .json(422, body.serialized())
  }

  /// The media types of files in YAML.
  private static let yamlTypes: Set = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"]

  /// Whether the body of a request is such a file.
  static func isYAML(_ request: HTTPRequest) -> Bool {
    request.mediaType.map(yamlTypes.contains) ?? false
  }
}
