public import Workflow

extension ProjectSpecification {
  /// How the keys of an export are made of names.
  public enum KeyStyle: Hashable, Sendable {
    /// As v1 and state files have them: spaces are hyphens.
    case hyphenated
    /// As v2 has them: lower case, and hyphens for all but letters and digits.
    case slug

    func key(of name: String, or fallback: String) -> String {
      let key =
        switch self {
        case .hyphenated: NaturalKey.hyphenated(name)
        case .slug: NaturalKey.slug(name)
        }
      return key.isEmpty ? fallback : key
    }
  }

  /// What a file says of the project as it is. Deleted workflows are left out. Keys that would be the same get numbers, and
  /// the order is that of the rows. O(size of the project).
  public init(_ project: ProjectContent, keys: KeyStyle = .hyphenated) {
    self.init(name: project.name, description: project.description)
    var taken: Set<String> = []
    collections = project.collections.map { collection in
      CollectionSpecification(
        key: NaturalKey.free(keys.key(of: collection.name, or: "collection"), &taken), name: collection.name)
    }
    taken = []
    var credentialKeys: [String: String] = [:]
    var known: Set<String> = []
    for credential in project.credentials {
      // One of two that are called the same stands for both.
      let isKnown = !known.insert(credential.reference).inserted
      let key = NaturalKey.free(NaturalKey.hyphenated("\(credential.owner)-\(credential.name)"), &taken)
      credentialKeys[credential.id] = keys == .slug || isKnown ? credential.reference : key
      if isKnown { continue }
      credentials.append(
        CredentialSpecification(
          key: keys == .slug ? credential.reference : key, name: credential.name, owner: credential.owner))
    }
    taken = []
    for rows in project.workflows where rows.deletedAt == nil {
      let key = NaturalKey.free(keys.key(of: rows.content.name, or: "workflow"), &taken)
      workflows.append(WorkflowSpecification(rows.content, key: key, credentialKeys, keys))
    }
  }
}

extension WorkflowSpecification {
  fileprivate init(
    _ content: WorkflowContent, key: String, _ credentialKeys: [String: String], _ style: ProjectSpecification.KeyStyle
  ) {
    self.init(key: key, name: content.name)
    let names = NodeNaming(content, style)
    jobs = zip(content.jobs, names.jobs).map { job, key in
      JobSpecification(
        key: key, name: job.name, body: job.body, adaptor: job.adaptor ?? "",
        credential: job.projectCredentialID.flatMap { credentialKeys[$0] })
    }
    triggers = zip(content.triggers, names.triggers).map { TriggerSpecification($0, key: $1, names) }
    var taken: Set<String> = []
    edges = content.edges.compactMap { EdgeSpecification($0, names, &taken) }
  }
}

/// The keys of the jobs and triggers of a workflow. Steps of v2 are jobs and triggers, so that no two of them may have one key.
struct NodeNaming {
  private(set) var jobs: [String] = []
  private(set) var triggers: [String] = []
  private var jobKeys: [String: String] = [:]
  private var triggerKeys: [String: String] = [:]

  init(_ content: WorkflowContent, _ style: ProjectSpecification.KeyStyle) {
    var taken: Set<String> = []
    for job in content.jobs {
      let key = NaturalKey.free(style.key(of: job.name, or: "job"), &taken)
      jobs.append(key)
      jobKeys[job.id] = key
    }
    for trigger in content.triggers {
      let key = NaturalKey.free(style.key(of: trigger.type, or: "trigger"), &taken)
      triggers.append(key)
      triggerKeys[trigger.id] = key
    }
  }

  func job(_ id: String?) -> String? { id.flatMap { jobKeys[$0] } }
  func trigger(_ id: String?) -> String? { id.flatMap { triggerKeys[$0] } }
}

extension TriggerSpecification {
  fileprivate init(_ trigger: Trigger, key: String, _ names: NodeNaming) {
    self.init(
      key: key, type: trigger.type, enabled: trigger.enabled, cronExpression: trigger.cronExpression,
      cronCursorJob: names.job(trigger.cronCursorJobID), webhookReply: trigger.webhookReply,
      customPath: trigger.customPath, comment: trigger.comment, webhookResponseConfig: trigger.webhookResponseConfig)
    kafkaConfiguration = trigger.kafkaConfiguration.map { configuration in
      KafkaConfiguration.lists(of: configuration).filter { Trigger.exportedKafkaKeys.contains($0.key) }
    }
  }
}

extension EdgeSpecification {
  /// Nil for an edge that comes from nothing that is there.
  fileprivate init?(_ edge: Edge, _ names: NodeNaming, _ taken: inout Set<String>) {
    let source: Source
    if let key = names.trigger(edge.sourceTriggerID) {
      source = .trigger(key)
    } else if let key = names.job(edge.sourceJobID) {
      source = .job(key)
    } else {
      return nil
    }
    let target = names.job(edge.targetJobID)
    self.init(
      key: NaturalKey.free("\(source.key)->\(target ?? "")", &taken), source: source, target: target,
      conditionType: edge.conditionType, conditionExpression: edge.conditionExpression,
      conditionLabel: edge.conditionLabel, enabled: edge.enabled)
  }
}
