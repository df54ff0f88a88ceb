import Workflow
import YCRDT

/// Repairs what two replicas inserted twice: several entities of one id in an array.
extension LiveWorkflow {
  /// The document as it will be when the first of each id has taken over what only the others say: their fields where it
  /// says the same as the base, or nothing; and what was written in their texts.
  mutating func foldDuplicates(into base: WorkflowContent?, policy: Policy) {
    var budget = DiffBudget(policy.textLimits)
    jobs.fold(base?.jobs ?? [], policy, &budget)
    triggers.fold(base?.triggers ?? [], policy, &budget)
    edges.fold(base?.edges ?? [], policy, &budget)
  }
}

extension LiveCollection {
  fileprivate mutating func fold<E: Entity>(_ base: [E], _ policy: Policy, _ budget: inout DiffBudget) {
    guard !repeated.isEmpty else { return }
    let (base, rules) = (EntityIndex(base), policy.units(of: E.collection))
    for other in repeated {
      guard var first = self[other.id] else { continue }
      let fields = FieldVersions(
        base: base[other.id]?.fields, live: first.fields(as: E.self), database: other.fields(as: E.self))
      for rule in rules {
        switch rule.kind {
        case .serverOwned: break
        case .text: first.foldText(rule.name, fields, &budget)
        default: first.fold(rule, fields)
        }
      }
      self[other.id] = first
    }
  }
}

extension LiveEntity {
  fileprivate mutating func fold(_ rule: Policy.Rule, _ fields: FieldVersions) {
    func values(_ fields: [String: JSONValue]?) -> [JSONValue?] { rule.fields.map { fields?[$0]?.canonical } }
    let isUntouched = values(fields.live).allSatisfy { $0 == nil } || values(fields.live) == values(fields.base)
    let others = values(fields.database)
    guard isUntouched, others != values(fields.live), others.contains(where: { $0 != nil }) else { return }
    pending += rule.fields.map { FieldWrite(path: [$0], value: fields.database[$0] ?? .null) }
  }

  /// What was written in either text is kept.
  fileprivate mutating func foldText(_ name: String, _ fields: FieldVersions, _ budget: inout DiffBudget) {
    let (mine, other) = (fields.live[name]?.string ?? "", fields.database[name]?.string ?? "")
    let base = fields.base?[name]?.string
    guard mine != other, other != base, !other.isEmpty else { return }
    let merge = StringMerge(base: base, live: mine, other: other, budget: &budget)
    pendingText = merge.edits.applied(to: mine)
  }
}
