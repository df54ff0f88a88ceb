import Workflow

extension ProjectImport {
  /// What is wrong with an import, told with the places of a file where it came from one.
  public func problems(_ errors: ImportErrors) -> FileProblems {
    guard case .file(let source) = source else {
      return FileProblems(
        errors.flattened.map {
          FileProblem(file: "document", path: $0.path.joined(separator: "."), message: $0.message)
        })
    }
    return ErrorPlaces(source.file).problems(errors)
  }
}
