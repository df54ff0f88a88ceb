/// One reading of a project file: what it may take, and what has been found to be wrong.
final class FileReading {
  let name: String
  let limits: FormatLimits
  private(set) var problems: [FileProblem] = []
  private(set) var bodyFiles: [ProjectFile.BodyPlace: String] = [:]
  private let tree: (any FileTree)?
  private var uncounted = 0
  private var fileBytes = 0

  init(_ name: String, _ tree: (any FileTree)?, _ limits: FormatLimits) {
    self.name = name
    self.tree = tree
    self.limits = limits
  }

  /// All problems in the order of the file, as far as an error tells of them.
  var thrown: FileProblems {
    var sorted = problems.enumerated().sorted {
      ($0.element.line ?? 0, $0.element.column ?? 0, $0.offset) < (
        $1.element.line ?? 0, $1.element.column ?? 0, $1.offset
      )
    }.map(\.element)
    if uncounted > 0 { sorted.append(FileProblem(file: name, message: "and \(uncounted) more problems")) }
    if sorted.isEmpty { sorted = [FileProblem(file: name, message: "the file cannot be read")] }
    return FileProblems(sorted)
  }

  /// Whether an error would tell of no more problems.
  var isFull: Bool { problems.count >= limits.problems }

  /// A problem of the whole file.
  func report(_ message: String) {
    report(FilePath(), nil, message)
  }

  func report(_ path: FilePath, _ mark: YAMLMark?, _ message: String) {
    report(FileProblem(file: name, line: mark?.line, column: mark?.column, path: path.description, message: message))
  }

  func report(_ problem: FileProblem) {
    // The same may be found while the file is read, and again when all of it is looked at.
    if problems.contains(problem) { return }
    if problems.count < limits.problems { problems.append(problem) } else { uncounted += 1 }
  }

  /// The body of a job that has a file of its own; nil and a problem where it cannot be had.
  func body(at path: String, for place: ProjectFile.BodyPlace, _ filePath: FilePath, _ mark: YAMLMark) -> String? {
    do throws(FileTreeError) {
      guard let full = TreePath.normalized(path, in: TreePath.folder(of: name)) else { throw .outside }
      guard let tree else { throw .unreadable(reason: "only the project file itself was given") }
      guard bodyFiles.count < limits.files else { throw .unreadable(reason: "there are more than \(limits.files)") }
      let bytes = try tree.contents(of: full)
      fileBytes += bytes.count
      guard bytes.count <= limits.fileBytes else { throw .tooLarge(limit: limits.fileBytes) }
      guard fileBytes <= limits.totalFileBytes else {
        throw .unreadable(reason: "all files together have more than \(limits.totalFileBytes) bytes")
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw .unreadable(reason: "it is not UTF-8 text")
      }
      bodyFiles[place] = full
      return text
    } catch {
      report(filePath, mark, "\(path.debugDescription): \(error)")
      return nil
    }
  }
}
