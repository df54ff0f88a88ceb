import Workflow
import YCRDT

/// Repairs what two replicas inserted twice: several entities of one id in an array.
extension LiveWorkflow {
  /// The document as it will be when the first of each id has taken over what only the others say: their fields where it
  /// says the same as the base, or nothing.
  mutating func foldDuplicates(into base: WorkflowContent?, policy: Policy) {
    jobs.fold(base?.jobs ?? [], policy: policy)
    triggers.fold(base?.triggers ?? [], policy: policy)
    edges.fold(base?.edges ?? [], policy: policy)
  }
}

extension LiveCollection {
  fileprivate mutating func fold<E: Entity>(_ base: [E], policy: Policy) {
    for other in repeated {
      guard var first = self[other.id] else { continue }
      let fields = FieldVersions(
        base: base.first { $0.id == other.id }?.fields ?? [:], live: first.fields(as: E.self),
        database: other.fields(as: E.self))
      for rule in policy.units(of: E.collection) where rule.kind != .serverOwned {
        first.fold(rule, fields)
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
    if rule.kind == .text {
      pendingText = fields.database[rule.name]?.string
    } else {
      pending += rule.fields.map { FieldWrite(path: [$0], value: fields.database[$0] ?? .null) }
    }
  }
}
