import Workflow
import YCRDT

/// Works out what a merge does, by the decision table: from the base, the database's rows and the live document.
struct MergePlanner {
  let policy: Policy
  let base: Base?
  let rows: WorkflowRows
  let live: LiveWorkflow
  /// Whether the database has what the base has: then only the versions can be new.
  private let isUnchanged: Bool
  var plan: MergePlan
  /// What the differences of all texts together may cost.
  var budget: DiffBudget

  init(policy: Policy, base: Base?, rows: WorkflowRows, live: LiveWorkflow) {
    self.policy = policy
    self.base = base
    self.rows = rows
    self.live = live
    budget = DiffBudget(policy.textLimits)
    var content = rows.content
    isUnchanged = base?.content == content
    if isUnchanged {
      plan = MergePlan(live, base: nil, database: WorkflowContent(id: "", name: ""), content: content)
    } else {
      content.edges = content.completeEdges(knownTo: base?.content)
      plan = MergePlan(live, base: base?.content, database: content, content: content)
    }
  }

  /// The plan.
  func planned() -> MergePlan {
    var planner = self
    planner.planMetadata()
    guard !isUnchanged else { return planner.plan }
    planner.planEntities(\.jobs)
    planner.planEntities(\.triggers)
    planner.planEntities(\.edges)
    planner.repairReferences()
    planner.planPositions()
    planner.settleTexts()
    planner.plan.settleErrors(of: live)
    return planner.plan
  }

  // MARK: Metadata

  private mutating func planMetadata() {
    var database = rows.content.metadata
    database["lock_version"] = JSONValue(rows.lockVersion)
    database["deleted_at"] = JSONValue(rows.deletedAt)
    let fields = FieldVersions(
      base: base?.content.metadata, live: live.metadataFields, database: database)
    var merge = ValueMerge(unit: ["workflow"], fields: fields, knowsBase: base != nil)
    for rule in policy.units(of: "workflow") { merge.merge(rule) }
    plan.metadata = merge.writes
    plan.conflicts += merge.conflicts
  }

  // MARK: Entities

  private mutating func planEntities<E: Entity>(_ collection: WritableKeyPath<MergePlan, CollectionPlan<E>>) {
    let versions = plan[keyPath: collection]
    let rules = policy.units(of: E.collection)
    for id in versions.changedIDs(knowsBase: base != nil) {
      let (baseEntity, databaseEntity) = (versions.base[id], versions.database[id])
      if let live = versions.live[id], let databaseEntity {
        let writes = mergedFields(of: live, base: baseEntity, database: databaseEntity, rules: rules)
        if !writes.isEmpty { plan[keyPath: collection][id] = .update(writes) }
      } else {
        plan[keyPath: collection][id] = presence(of: versions.live[id], base: baseEntity, database: databaseEntity, id)
      }
    }
  }

  private mutating func mergedFields<E: Entity>(
    of live: LiveEntity, base baseEntity: E?, database: E, rules: [Policy.Rule]
  ) -> [FieldWrite] {
    let fields = FieldVersions(base: baseEntity?.fields, live: live.fields(as: E.self), database: database.fields)
    var merge = ValueMerge(unit: [E.collection, live.id], fields: fields, knowsBase: base != nil)
    for rule in rules where rule.kind != .text { merge.merge(rule) }
    plan.conflicts += merge.conflicts
    for rule in rules where rule.kind == .text { planText(of: live, field: rule.name, fields) }
    return merge.writes
  }

  /// The decision for an entity that one side or both do not have.
  private mutating func presence<E: Entity>(
    of live: LiveEntity?, base baseEntity: E?, database: E?, _ id: String
  ) -> CollectionPlan<E>.Action? {
    let liveFields = live?.fields(as: E.self)
    let verdict =
      base == nil
      ? Verdict(unknownBaseLive: liveFields.map(CanonicalEntity.init), database: database.map { .init($0.fields) })
      : Verdict(
        base: baseEntity.map { .init($0.fields) }, live: liveFields.map(CanonicalEntity.init),
        database: database.map { .init($0.fields) })
    if case .keep = verdict { return nil }
    if case .conflict(let kind) = verdict {
      record(kind, [E.collection, id], base: baseEntity?.fields, live: liveFields, database: database?.fields)
      return database == nil ? nil : .insert
    }
    return database == nil ? .delete : .insert
  }

  /// Notes that an entity, which one side does not have, was kept or brought back.
  mutating func record(
    _ kind: Conflict.Kind, _ unit: [String], base: [String: JSONValue]?, live: [String: JSONValue]?,
    database: [String: JSONValue]?
  ) {
    plan.conflicts.append(
      Conflict(
        kind: kind, unit: unit, base: base.map(JSONValue.object), live: live.map(JSONValue.object),
        database: database.map(JSONValue.object), winner: live == nil ? .restored : .kept))
  }
}

extension WorkflowContent {
  /// The document's `workflow` map, without what only the server knows.
  var metadata: [String: JSONValue] {
    [
      "id": .string(id), "name": .string(name), "concurrency": JSONValue(concurrency),
      "enable_job_logs": JSONValue(enableJobLogs),
    ]
  }

  /// The edges that lead from something to something. Rows may hold others for a while, because a job's row can be
  /// deleted before its edges; they count as deleted, unless the base has them just so.
  func completeEdges(knownTo base: WorkflowContent?) -> [Edge] {
    guard edges != base?.edges else { return edges }
    let incomplete = Set(incompleteEdges)
    guard !incomplete.isEmpty else { return edges }
    let known = Set(base?.incompleteEdges ?? [])
    return edges.filter { known.contains($0) || !incomplete.contains($0) }
  }

  private var incompleteEdges: [Edge] {
    let (jobs, triggers) = (Set(jobs.map(\.id)), Set(triggers.map(\.id)))
    return edges.filter { edge in
      let hasSource =
        edge.sourceJobID.map(jobs.contains) ?? edge.sourceTriggerID.map(triggers.contains) ?? false
      return !(hasSource && edge.targetJobID.map(jobs.contains) == true)
    }
  }
}
