public import Provisioning
public import Reconciliation
public import Storage
public import Workflow
import YCRDT

/// What an import would change, whom it would meet, and what would come of that.
public struct ImportPlan: Sendable {
  /// What happens to a workflow.
  public enum Action: String, Sendable {
    case create, change, delete
    /// It was deleted, and comes back.
    case restore
  }

  /// One workflow that the import would change.
  public struct Workflow: Sendable {
    public var id: String
    public var name: String
    public var action: Action
    /// The version it has now; nil for a new one.
    public var lockVersion: Int?
    /// The revision of its rows now; nil for a new one.
    public var revision: Int64?
    /// What people call its jobs, triggers and edges, by id.
    public var labels: [String: String]
    /// What differs in the rows afterwards.
    public var changes: [ContentChange]
    /// Who has it open; nil for nobody.
    public var presence: DocumentPresence?
    /// What people have edited and not saved.
    public var unsaved: [UnsavedChange]
    /// The records that the merge into the document would make.
    public var conflicts: [Conflict]
    /// Why nothing can be said about the document, where that is so.
    public var unreadable: String?

    /// Whether somebody has edited something here and not saved it, or might have.
    public var isEdited: Bool { !unsaved.isEmpty || unreadable != nil }

    /// Whether the import meets edits that are not saved, or might.
    public var touchesUnsavedWork: Bool {
      unsaved.contains(where: \.isMet) || !conflicts.isEmpty || unreadable != nil
    }
  }

  public var projectID: String
  public var projectName: String
  public var isNewProject: Bool
  /// What changes in the project itself.
  public var projectChanges: [ContentChange]
  public var workflows: [Workflow]
  /// What is probably not meant in workflows as the import would make them.
  public var warnings: ImportErrors
  /// What the project itself is like now.
  private let projectState: JSONValue

  /// Whether the import would change a workflow in which people have edits that are not saved, met or not.
  public var isEdited: Bool { workflows.contains(where: \.isEdited) }

  /// Whether the import meets edits that are not saved.
  public var touchesUnsavedWork: Bool { workflows.contains(where: \.touchesUnsavedWork) }

  /// Works it out as servers do whose conflicts are decided by `policy`, when the rows have changed: with the same merge,
  /// on a copy of the document.
  public init(_ preview: ImportPreview, policy: Policy) {
    projectID = preview.after.id
    projectName = preview.after.name
    isNewProject = preview.before == nil
    projectState = preview.before?.settings ?? .null
    projectChanges = ContentChange.list(of: preview.before, preview.after)
    workflows = preview.workflows.map { Workflow($0, policy) }
    warnings = ImportErrors(
      warningsAbout: preview.workflows.map(\.after).filter { $0.deletedAt == nil }.map(\.content))
  }

  /// What the plan holds for: the revisions of the rows, the project's own fields, which units are edited and not saved,
  /// and which conflicts that makes. Somebody who types on where somebody was typing already changes none of it.
  public var versions: JSONValue {
    let states = workflows.map { ($0.id, $0.state) }
    return ["project": projectState, "workflows": .object(Dictionary(states) { first, _ in first })]
  }
}

extension ImportPlan.Workflow {
  init(_ preview: ImportPreview.Workflow, _ policy: Policy) {
    let (before, after) = (preview.before, preview.after)
    let wasDeleted = before.map { $0.deletedAt != nil } ?? false
    id = after.content.id
    name = (before ?? after).content.name
    switch (wasDeleted, after.deletedAt != nil) {
    case (false, true): action = .delete
    case (true, false): action = .restore
    default: action = before == nil ? .create : .change
    }
    lockVersion = before?.lockVersion
    revision = before?.revision
    changes = (before?.content ?? .nothing(after.content.id)).changes(to: after.content)
    labels = (before?.content.labels ?? [:]).merging(after.content.labels) { $1 }
    presence = preview.presence
    (unsaved, conflicts) = ([], [])
    do {
      if let document = preview.document { try judge(document, after, policy) }
    } catch {
      unreadable = "\(error)"
    }
  }

  private mutating func judge(_ document: StoredDocument, _ rows: WorkflowRows, _ policy: Policy) throws {
    let doc = Doc()
    if let checkpoint = document.checkpoint { try doc.apply(checkpoint) }
    for update in document.updates { try doc.apply(update) }
    let reconciler = Reconciler(policy: policy)
    let edits = try reconciler.unsavedChanges(in: doc, base: document.base)
    let fork = doc.fork(clientID: document.serverClientID)
    conflicts = try reconciler.merge(rows: rows, base: document.base, into: fork).conflicts
    // What the merge is about: where the rows were written to in another way, that as well.
    let imported = ImportedUnits(changes + document.base.content.changes(to: rows.content), conflicts)
    unsaved = edits.map { UnsavedChange(change: $0, isMet: rows.deletedAt != nil || imported.meet($0)) }
  }

  fileprivate var state: JSONValue {
    let units = unsaved.map(\.change).map {
      JSONValue.array($0.unit.map(JSONValue.string) + [.string($0.kind.rawValue)])
    }
    let records = conflicts.map { conflict in
      JSONValue.array(([conflict.kind.rawValue, conflict.winner.rawValue] + conflict.unit).map(JSONValue.string))
    }
    return [
      "revision": JSONValue(revision.map { "\($0)" }), "unreadable": JSONValue(unreadable),
      "unsaved": .array(units.sorted { $0.text < $1.text }), "conflicts": .array(records.sorted { $0.text < $1.text }),
    ]
  }
}

extension WorkflowContent {
  /// Names of jobs, types of triggers, and of edges where they lead from and to.
  fileprivate var labels: [String: String] {
    let nodes = jobs.map { ($0.id, $0.name) } + triggers.map { ($0.id, $0.type) }
    let names = Dictionary(nodes) { first, _ in first }
    func name(_ id: String?) -> String { id.flatMap { names[$0] } ?? "" }
    return edges.reduce(into: names) {
      $0[$1.id] = "\(name($1.sourceTriggerID ?? $1.sourceJobID))->\(name($1.targetJobID))"
    }
  }

  /// What a new workflow is compared with.
  fileprivate static func nothing(_ id: String) -> WorkflowContent {
    WorkflowContent(id: id, name: "", enableJobLogs: nil)
  }
}

extension ProjectContent {
  fileprivate var settings: JSONValue {
    [
      "name": .string(name), "description": JSONValue(description), "collections": .object(collectionNames),
      "credentials": .array(credentials.map { .string($0.id) }),
    ]
  }

  fileprivate var texts: [String: JSONValue] {
    ["name": name, "description": description ?? ""].filter { !$0.value.isEmpty }.mapValues(JSONValue.string)
  }

  fileprivate var collectionNames: [String: JSONValue] {
    Dictionary(collections.map { ($0.id, .string($0.name)) }) { first, _ in first }
  }

  fileprivate var credentialNames: [String: JSONValue] {
    Dictionary(credentials.map { ($0.id, .string($0.name)) }) { first, _ in first }
  }
}

extension ContentChange {
  /// What differs in a project besides its workflows.
  fileprivate static func list(of old: ProjectContent?, _ new: ProjectContent) -> [ContentChange] {
    differences(["project"], old?.texts ?? [:], new.texts)
      + differences(["collections"], old?.collectionNames ?? [:], new.collectionNames)
      + differences(["project_credentials"], old?.credentialNames ?? [:], new.credentialNames)
  }

  private static func differences(
    _ unit: [String], _ old: [String: JSONValue], _ new: [String: JSONValue]
  ) -> [ContentChange] {
    Set(old.keys).union(new.keys).sorted().filter { old[$0] != new[$0] }.map {
      ContentChange(unit: unit + [$0], before: old[$0], after: new[$0])
    }
  }
}
