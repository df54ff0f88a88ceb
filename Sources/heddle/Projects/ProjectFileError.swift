import Gateway
import Provisioning

/// Why a project file was not imported.
struct ProjectFileError: Error, CustomStringConvertible {
  let description: String
}

extension ProjectFileError {
  /// What went wrong, for people: with the places in the file that was to be imported, if there is one.
  init(_ failure: ImportFailure, in document: ProjectImport? = nil) {
    switch failure {
    case .invalid(let errors):
      let problems = document.map { "\n\($0.problems(errors))" } ?? " \(errors.json.text)"
      description = "the project is not valid, nothing was imported:\(problems)"
    case .unreadable(let problems): description = "nothing was imported:\n\(problems)"
    case .rejected(let errors):
      description = "the database refused the project, nothing was imported: \(errors.json.text)"
    case .store(let error): description = "nothing was imported: \(error)"
    case .hindered(.editing): description = "nothing was imported: it meets edits that are not saved"
    case .hindered(.outdated): description = "nothing was imported: the plan is outdated"
    case .plan(.unknown): description = "there is no such plan"
    case .plan(.expired): description = "the plan has expired"
    case .plan(.applied): description = "the plan was applied before"
    }
  }
}
