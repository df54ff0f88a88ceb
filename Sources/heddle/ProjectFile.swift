import Gateway
import Glibc
import Provisioning
import Storage
import Workflow

/// Why a project file was not imported.
struct ProjectFileError: Error, CustomStringConvertible {
  let description: String
}

extension ProjectFileError {
  /// What went wrong, for people.
  init(_ failure: ImportFailure) {
    switch failure {
    case .invalid(let errors): description = "the project is not valid, nothing was imported: \(errors.json.text)"
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

/// Project files on the command line.
enum ProjectFile {
  /// Reads a file as JSON; "-" is standard input.
  static func read(_ path: String) throws -> JSONValue {
    let bytes = try contents(of: path)
    do {
      return try JSONValue(parsing: bytes)
    } catch {
      throw ProjectFileError(description: "\(path): \(error)")
    }
  }

  /// Imports a document, and says what is wrong with it where something is.
  @discardableResult
  static func importing(_ document: ProjectImport, into store: Store) throws -> ProjectUpdate {
    do {
      return try store.wait {
        store.importProject(document, provenance: Provenance(.importing, actor: Actor(type: "cli")), completion: $0)
      }
    } catch {
      throw ProjectFileError(error)
    }
  }

  private static func contents(of path: String) throws -> [UInt8] {
    let file = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw ProjectFileError(description: "\(path): \(String(cString: strerror(errno)))") }
    defer { if file != STDIN_FILENO { close(file) } }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(file, &chunk, chunk.count)
      if count == 0 { return bytes }
      guard count > 0 else { throw ProjectFileError(description: "\(path): \(String(cString: strerror(errno)))") }
      bytes += chunk[..<count]
    }
  }
}
