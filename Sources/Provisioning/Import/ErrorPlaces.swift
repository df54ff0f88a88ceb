/// Finds the places in a file that errors of its import are about.
struct ErrorPlaces {
  private let file: ProjectFile
  init(_ file: ProjectFile) { self.file = file }
  func problems(_ errors: ImportErrors) -> FileProblems {
    FileProblems(
      errors.flattened.map { FileProblem(file: file.name, path: $0.path.joined(separator: "."), message: $0.message) })
  }
}
