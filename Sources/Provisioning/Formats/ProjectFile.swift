public import Workflow

/// A project, or a single workflow of one, as it was read from a file.
public struct ProjectFile: Sendable {
  /// What a file says.
  public enum Content: Sendable {
    /// A provisioning document, in which everything has an id. It is checked when it is imported.
    case document(JSONValue)
    /// YAML of either generation.
    case specification(ProjectSpecification)
  }

  /// The path of the file, as problems name it.
  public let name: String
  public let format: ProjectFormat
  /// Whether the file has one workflow and no project around it. Its specification is a project with that workflow.
  public let isSingleWorkflow: Bool
  public let content: Content
  /// The files beside it that bodies of jobs were read from: by key of the workflow and of the job the path inside the tree.
  public let bodyFiles: [BodyPlace: String]
  /// Where everything stands in the file.
  let map: FileMap
  /// What the file was allowed to take.
  let limits: FormatLimits

  /// A job whose body is in a file of its own.
  public struct BodyPlace: Hashable, Sendable {
    public var workflow: String
    public var job: String

    public init(workflow: String, job: String) {
      self.workflow = workflow
      self.job = job
    }
  }

  /// Reads a file in any of the formats, and finds out which one it is.
  ///
  /// `name` is its path inside `tree`, in which bodies that have files of their own are looked up; without a tree there
  /// can be none. Throws all that is wrong at once, as far as that can be told without the project that it is for. No bytes
  /// do worse than that. O(size of the file).
  public static func parse(
    _ bytes: [UInt8], named name: String, in tree: (any FileTree)? = nil, limits: FormatLimits = FormatLimits()
  ) throws(FileProblems) -> ProjectFile {
    let reading = FileReading(name, tree, limits)
    let file = ProjectFileReader(reading).file(bytes)
    guard reading.problems.isEmpty, let file else { throw reading.thrown }
    return file
  }
}
