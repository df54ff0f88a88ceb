import Provisioning
import Reconciliation
import Storage
import Synchronization
import Workflow

/// A project as a commit of its repository has it.
struct CommittedProject: Sendable {
  let place: ProjectPlace
  let file: ProjectFile
  let state: ProjectState?
  let tree: any FileTree
  private let projectID: String
  private let source: ProjectImport
  /// Of all files that were read: equal where they are.
  let digest: String

  var format: ProjectFormat { file.format }
  /// Every id that it speaks of.
  var mentionedIDs: Set<String> { source.mentionedIDs }

  /// Finds the project of a connection among the files of a commit, and reads it.
  init(_ files: any FileTree, _ connection: RepositoryConnection, _ limits: FormatLimits) throws(SyncFailure) {
    let reader = RecordingTree(files)
    tree = files
    projectID = connection.projectID
    place = try ProjectPlace.find(in: reader, connection, limits)
    do {
      file = try ProjectFile.parse(
        try reader.bytes(of: place.specPath), named: place.specPath, in: reader, limits: limits)
      state = try Self.state(at: place.statePath, reader, limits)
      source = ProjectImport(file: file, state: state, projectID: connection.projectID)
    } catch {
      throw SyncFailure(importing: error)
    }
    digest = reader.digest
  }

  /// There is none before the first push.
  private static func state(
    at path: String?, _ reader: RecordingTree, _ limits: FormatLimits
  ) throws(FileProblems) -> ProjectState? {
    guard let path, let bytes = try reader.bytesIfThere(of: path) else { return nil }
    return try ProjectState.parse(bytes, named: path, limits: limits)
  }

  /// What the import makes of the project that is there.
  func body(
    _ known: SyncBase, _ policy: Policy
  ) -> @Sendable (ProjectContent?, Set<String>) throws -> SyncedProject {
    let (source, digest) = (source, digest)
    let merge = SyncMerge(known: known, policy: policy, now: ISODate.now) { try source.document(for: $0) }
    return { project, foreignIDs in
      var result = try merge.applied(to: project, foreignIDs: foreignIDs)
      result.base.digest = digest
      return result
    }
  }

  /// Errors with the places in the file that they are about.
  func problems(_ errors: ImportErrors) -> FileProblems { source.problems(errors) }
}
