import Workflow

/// Which workflow of the project each workflow of a file is.
struct WorkflowPairing {
  /// By index in the file: the index of the one that is there.
  let partners: [Int?]

  init(_ news: [WorkflowSpecification], _ olds: [WorkflowRows], _ state: ProjectState?) {
    var pairing = Pairing(new: news.count, old: olds.count)
    pairing.pair(new: { news[$0].id }, old: { olds[$0].content.id })
    pairing.pair(new: { state?.ids(of: news[$0])?.id }, old: { olds[$0].content.id })
    pairing.pair(uniquely: true, new: { news[$0].name }, old: { olds[$0].content.name })
    pairing.pair(uniquely: true, new: { news[$0].key }, old: { NaturalKey.hyphenated(olds[$0].content.name) })
    pairing.pair(
      uniquely: true, new: { NaturalKey.slug(news[$0].key) }, old: { NaturalKey.slug(olds[$0].content.name) })
    // A workflow whose name changed, and nothing else of what makes it out.
    pairing.pair(uniquely: true, new: { news[$0].outline }, old: { olds[$0].content.outline })
    partners = pairing.partners
  }
}

/// What makes a workflow out whatever it is called; nil for one without jobs.
private struct Outline: Hashable {
  var jobs: [[String]]
  var triggers: [String]
}

extension WorkflowSpecification {
  fileprivate var outline: Outline? {
    guard !jobs.isEmpty else { return nil }
    return Outline(
      jobs: jobs.map { [$0.name, $0.adaptor, $0.body] }.sorted { $0.lexicographicallyPrecedes($1) },
      triggers: triggers.map(\.type).sorted())
  }
}

extension WorkflowContent {
  fileprivate var outline: Outline? {
    guard !jobs.isEmpty else { return nil }
    return Outline(
      jobs: jobs.map { [$0.name, $0.adaptor ?? "", $0.body] }.sorted { $0.lexicographicallyPrecedes($1) },
      triggers: triggers.map(\.type).sorted())
  }
}
