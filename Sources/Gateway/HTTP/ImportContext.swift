import Provisioning
import Reconciliation
import Storage
import Workflow

/// What imports over HTTP need besides the document; goes through all threads.
struct ImportContext: Sendable {
  let store: Store
  /// How conflicts are decided on this server.
  let policy: Policy
  /// What the caller may do, which depends on what is imported.
  let clearance: Clearance
  let worker: Worker
  let body: [UInt8]
  let isYAML: Bool
  /// The project that the query names, as it was sent.
  let project: String?
  let respond: @Sendable (HTTPResponse) -> Void
  /// What a project file may take.
  let formats: FormatLimits
  /// How long an import may wait for people: the rest of the time is for the import.
  let waitLimit: Duration

  init(_ call: Call) {
    store = call.gateway.store
    policy = call.gateway.directory.configuration.policy
    clearance = call.clearance
    worker = call.gateway.worker
    body = call.request.body
    isYAML = ImportSource.isYAML(call.request)
    project = call.request.queryValue("project")
    respond = call.respondLater
    formats = call.gateway.configuration.formats
    waitLimit = call.gateway.loop.configuration.responseTimeout * 3 / 4
  }

  /// Reads the body on the worker, and answers where it is no JSON.
  func withDocument(_ use: @escaping @Sendable (JSONValue) -> Void) {
    worker.async {
      do {
        use(try JSONValue(parsing: body))
      } catch {
        respond(ErrorBody.response(400, "the body is not JSON: \(error)"))
      }
    }
  }

  // MARK: What is imported

  /// Reads the body on the worker, and answers where it cannot be read, or does not say which project it is about.
  func withSource(_ use: @escaping @Sendable (ImportSource) -> Void) {
    if let project, !DocumentName.isUUID(project) {
      return respond(
        ErrorBody.response(422, "'\(project)' is not the id of a project: ids are uuids", field: "project"))
    }
    guard !isYAML else { return worker.async { withFile(use) } }
    withDocument { document in
      let source = ImportSource(document: ProjectImport(document), isFile: false)
      if let project, source.document.projectID != project.lowercased() {
        return respond(ErrorBody.response(422, "is not the project whose id the document has", field: "project"))
      }
      use(source)
    }
  }

  private func withFile(_ use: @escaping @Sendable (ImportSource) -> Void) {
    let file: ProjectFile
    do {
      file = try ProjectFile.parse(body, named: Self.fileName, limits: formats)
    } catch {
      return respond(ImportSource.response(to: error))
    }
    if let id = ProjectImport(file: file, projectID: project).projectID {
      return use(ImportSource(document: ProjectImport(file: file, projectID: id), isFile: true))
    }
    guard !file.isSingleWorkflow, case .specification(let specification) = file.content else {
      return respond(
        ErrorBody.response(422, "is missing: the file does not say into which project it goes", field: "project"))
    }
    withProject(named: specification.name) {
      use(ImportSource(document: ProjectImport(file: file, projectID: $0), isFile: true))
    }
  }

  /// What problems call the body.
  private static let fileName = "project.yaml"

  /// The project that has a name, or the id of a new one; answers where several have it.
  private func withProject(named name: String, _ use: @escaping @Sendable (String) -> Void) {
    store.findProjects(named: name) { result in
      switch result {
      case .success(let ids) where ids.count < 2: use(ids.first ?? ProjectImport.newID())
      case .success:
        respond(
          ErrorBody.response(422, "is missing: more than one project is called '\(name)'", field: "project"))
      case .failure(let error): respond(ErrorBody.response(503, "\(error); nothing was imported"))
      }
    }
  }

  /// Goes on with the document that a source comes to as things are, and answers where that cannot be told.
  func withFixedDocument(_ source: ImportSource, _ use: @escaping @Sendable (JSONValue) -> Void) {
    let go: @Sendable (Result<ProjectContent?, StoreError>) -> Void = { result in
      do {
        use(try source.document.document(for: try result.get()))
      } catch let problems as FileProblems {
        respond(ImportSource.response(to: problems))
      } catch {
        respond(ErrorBody.response(503, "\(error); nothing was imported"))
      }
    }
    guard source.isFile, let id = source.document.projectID else { return go(.success(nil)) }
    store.readProject(id, go)
  }

  // MARK: Permission

  /// Goes on with on whose behalf a project is imported, or planned to be, or answers that the caller may not. A document that
  /// does not say which project it is about is wrong whoever sends it.
  func withProvenance(
    _ verb: Verb, of projectID: String?, _ use: @escaping @Sendable (Provenance) -> Void
  ) {
    clearance.decide(verb, projectID.map { [.project($0)] } ?? []) { decision in
      switch decision {
      case .allowed(let access): use(Provenance(.importing, actor: access?.actor ?? Actor(type: "api")))
      case .refused(let refusal): respond(refusal.response)
      }
    }
  }
}
