public import Workflow
import Synchronization

/// A sandbox that is still to be made.
public struct SandboxDraft: Sendable {
  public var project: ProjectContent
  /// What its workflows begin with.
  public var bases: [SandboxBase]

  public init(project: ProjectContent, bases: [SandboxBase]) {
    self.project = project
    self.bases = bases
  }
}

/// A sandbox as it is merged.
public struct SandboxSource: Sendable {
  public var project: ProjectContent
  /// What its workflows last had in common with those of the parent, by the sandbox's workflow.
  public var bases: [String: SandboxBase]
}

/// What comes of merging a sandbox.
public struct SandboxOutcome: Sendable {
  /// The project that it is merged into, as it is to be.
  public var merge: ProjectMerge
  /// What the workflows that were merged have in common from then on.
  public var bases: [SandboxBase]

  public init(merge: ProjectMerge, bases: [SandboxBase]) {
    self.merge = merge
    self.bases = bases
  }
}

/// Copies a project: the copy is of one moment, and made whole or not at all.
struct SandboxCreation {
  let parentID: String
  let provenance: Provenance
  let limit: (any ActivationLimit)?
  let body: @Sendable (ProjectContent) throws -> SandboxDraft
  let connection: PostgresConnection

  /// Nil where there is no such project. Once more, it finds the sandbox that it made.
  func run() throws -> ProjectUpdate? {
    try VersionHistory.recordMissing(ofProject: parentID, connection)
    guard let parent = try ProjectReader.read(parentID, connection) else { return nil }
    let draft = try body(parent)
    let change = ProjectChange(projectID: draft.project.id, mentionedIDs: [], provenance: provenance) { old, _ in
      old ?? draft.project
    }
    var update = try change.limited(by: limit).transaction(connection).run { _, update in
      if update.isNew { try SandboxRecords.begin(draft.project.id, of: parentID, draft.bases, connection) }
    }
    update.project = try ProjectReader.read(draft.project.id, connection) ?? update.project
    return update
  }
}

/// Merges a sandbox, as it is at one moment, into its parent, in one transaction.
struct SandboxMerging {
  let sourceID: String
  let targetID: String
  let provenance: Provenance
  let limit: (any ActivationLimit)?
  let body: @Sendable (SandboxSource, ProjectContent) throws -> SandboxOutcome
  let connection: PostgresConnection

  /// There is nothing to merge into.
  private struct NoTarget: Error {}

  /// How often it begins anew where somebody else merges the same sandbox.
  private static let attempts = 20

  /// Nil where one of the projects is not there. Throws what the body throws, and what an import throws.
  func run() throws -> ProjectUpdate? {
    try attempting { change, bases in
      try change.transaction(connection).run { _, _ in try SandboxRecords.write(bases.read(), of: sourceID, connection)
      }
    }
  }

  /// What `run` would do; writes nothing.
  func rehearse(presenceAge: Duration) throws -> ImportPreview? {
    try attempting { change, _ in
      try Rehearsal(change: change, presenceAge: presenceAge, connection: connection).run()
    }
  }

  private func attempting<Result>(_ perform: (ProjectChange, Bases) throws -> Result) throws -> Result? {
    for _ in 0..<Self.attempts {
      guard let project = try ProjectReader.read(sourceID, connection) else { return nil }
      let source = SandboxSource(project: project, bases: try SandboxRecords.bases(of: sourceID, connection))
      let bases = Bases()
      let change = ProjectChange(
        projectID: targetID, mentionedIDs: [], provenance: provenance,
        merge: { [body] target, _ in
          guard let target else { throw NoTarget() }
          let outcome = try body(source, target)
          bases.write(outcome.bases)
          return outcome.merge
        })
      do {
        return try perform(change.limited(by: limit), bases)
      } catch is SandboxRecords.Moved {
        continue
      } catch is NoTarget {
        return nil
      }
    }
    throw StoreError.busy
  }
}

/// What comes out of the middle of a transaction.
private final class Bases: Sendable {
  private let value = Mutex<[SandboxBase]>([])

  func read() -> [SandboxBase] { value.withLock { $0 } }
  func write(_ bases: [SandboxBase]) { value.withLock { $0 = bases } }
}
