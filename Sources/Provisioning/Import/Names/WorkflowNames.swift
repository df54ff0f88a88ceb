import Workflow

/// Makes the provisioning JSON of one workflow of a file.
struct WorkflowNames {
  private let new: WorkflowSpecification
  private let old: WorkflowContent?
  private let state: ProjectState.WorkflowIDs?
  private let takenIDs: Set<String>
  private let newID: () -> String
  private var jobIDs: [String: String] = [:]
  private var triggerIDs: [String: String] = [:]
  private(set) var errors = ImportErrors()

  /// What the message about a credential begins with that nothing is known of.
  static let unknownCredential = "there is no credential "

  init(
    _ new: WorkflowSpecification, _ old: WorkflowContent?, _ state: ProjectState.WorkflowIDs?, _ takenIDs: Set<String>,
    _ newID: @escaping () -> String
  ) {
    self.new = new
    self.old = old
    self.state = state
    self.takenIDs = takenIDs
    self.newID = newID
  }

  /// The workflow as a document has it.
  mutating func json(_ credentials: inout CredentialNames) -> JSONValue {
    let jobPartners = pairJobs()
    let triggerPartners = pairTriggers()
    for (job, partner) in zip(new.jobs, jobPartners) {
      jobIDs[job.key] = id(job.id, stated(job), partner.flatMap { old?.jobs[$0].id })
    }
    for (trigger, partner) in zip(new.triggers, triggerPartners) {
      triggerIDs[trigger.key] = id(trigger.id, stated(trigger), partner.flatMap { old?.triggers[$0].id })
    }
    let jobs = zip(new.jobs, jobPartners).map { json($0, $1.flatMap { old?.jobs[$0] }, &credentials) }
    let edges = zip(new.edges, pairEdges()).map { json($0, $1.flatMap { old?.edges[$0] }) }
    return [
      "id": .string(id(new.id, state?.id, old?.id)), "name": .string(new.name), "jobs": .array(jobs),
      "triggers": .array(new.triggers.map(json)), "edges": .array(edges),
    ]
  }

  /// The id of what is there, else one that is free: the file's, that of the state, a new one.
  private func id(_ given: String?, _ stated: String?, _ known: String?) -> String {
    known ?? given ?? stated.flatMap { takenIDs.contains($0) ? nil : $0 } ?? newID()
  }

  /// The id that the state has for a job. Whoever wrote the state may have made its keys of names.
  private func stated(_ job: JobSpecification) -> String? {
    state?.jobs[job.key] ?? state?.jobs[NaturalKey.hyphenated(job.name)]
  }

  private func stated(_ trigger: TriggerSpecification) -> String? {
    state?.triggers[trigger.key]
  }

  // MARK: Which is which

  private func pairJobs() -> [Int?] {
    guard let olds = old?.jobs else { return new.jobs.map { _ in nil } }
    let news = new.jobs
    var pairing = Pairing(new: news.count, old: olds.count)
    pairing.pair(new: { news[$0].id }, old: { olds[$0].id })
    pairing.pair(new: { stated(news[$0]) }, old: { olds[$0].id })
    pairing.pair(uniquely: true, new: { news[$0].name }, old: { olds[$0].name })
    pairing.pair(uniquely: true, new: { NaturalKey.slug(news[$0].name) }, old: { NaturalKey.slug(olds[$0].name) })
    pairing.pair(uniquely: true, new: { NaturalKey.slug(news[$0].key) }, old: { NaturalKey.slug(olds[$0].name) })
    // A job whose name changed. Of several with the same code the order decides.
    pairing.pair(new: { [news[$0].body, news[$0].adaptor] }, old: { [olds[$0].body, olds[$0].adaptor ?? ""] })
    pairing.pair(new: { news[$0].body }, old: { olds[$0].body })
    return pairing.partners
  }

  private func pairTriggers() -> [Int?] {
    guard let olds = old?.triggers else { return new.triggers.map { _ in nil } }
    let news = new.triggers
    var pairing = Pairing(new: news.count, old: olds.count)
    pairing.pair(new: { news[$0].id }, old: { olds[$0].id })
    pairing.pair(new: { stated(news[$0]) }, old: { olds[$0].id })
    pairing.pair(uniquely: true, new: { news[$0].type }, old: { olds[$0].type })
    pairing.pair(
      new: { [news[$0].type, news[$0].cronExpression, news[$0].customPath] },
      old: { [olds[$0].type, olds[$0].cronExpression, olds[$0].customPath] })
    pairing.pair(new: { news[$0].type }, old: { olds[$0].type })
    if pairing.unpaired.count == 1, pairing.left.count == 1 { pairing.pair(new: { _ in 0 }, old: { _ in 0 }) }
    return pairing.partners
  }

  private func pairEdges() -> [Int?] {
    guard let olds = old?.edges else { return new.edges.map { _ in nil } }
    let news = new.edges
    let newEnds = news.map { [sourceID($0.source), $0.target.map { jobIDs[$0] ?? "" }] }
    let oldEnds = olds.map { [$0.sourceJobID ?? $0.sourceTriggerID, $0.targetJobID] }
    var pairing = Pairing(new: news.count, old: olds.count)
    pairing.pair(new: { news[$0].id }, old: { olds[$0].id })
    pairing.pair(new: { state?.edges[news[$0].key] }, old: { olds[$0].id })
    pairing.pair(uniquely: true, new: { newEnds[$0] }, old: { oldEnds[$0] })
    pairing.pair(
      new: { newEnds[$0] + [news[$0].conditionType, news[$0].conditionExpression, news[$0].conditionLabel] },
      old: { oldEnds[$0] + [olds[$0].conditionType, olds[$0].conditionExpression, olds[$0].conditionLabel] })
    pairing.pair(new: { newEnds[$0] }, old: { oldEnds[$0] })
    return pairing.partners
  }

  private func sourceID(_ source: EdgeSpecification.Source) -> String? {
    switch source {
    case .job(let key): jobIDs[key]
    case .trigger(let key): triggerIDs[key]
    }
  }

  // MARK: JSON

  private mutating func json(_ job: JobSpecification, _ old: Job?, _ credentials: inout CredentialNames) -> JSONValue {
    var members: [String: JSONValue] = [
      "id": .string(jobIDs[job.key] ?? ""), "name": .string(job.name), "body": .string(job.body),
      "adaptor": .string(job.adaptor),
    ]
    if let name = job.credential {
      let id = credentials.id(name, current: old?.projectCredentialID)
      if id == nil {
        let message =
          Self.unknownCredential + "\(name.debugDescription) in the file or in the project; owner|name names any"
        errors.add("jobs", job.name, ImportErrors("project_credential_id", message))
      }
      members["project_credential_id"] = JSONValue(id)
      members["keychain_credential_id"] = .null
    } else if let current = old?.projectCredentialID, !credentials.isNamed(current) {
      // No file can name it, so that silence about it says nothing.
    } else {
      members["project_credential_id"] = .null
    }
    return .object(members)
  }

  private func json(_ trigger: TriggerSpecification) -> JSONValue {
    var members: [String: JSONValue] = [
      "id": .string(triggerIDs[trigger.key] ?? ""), "type": .string(trigger.type), "enabled": .bool(trigger.enabled),
      "cron_expression": JSONValue(trigger.cronExpression), "webhook_reply": JSONValue(trigger.webhookReply),
      "cron_cursor_job_id": JSONValue(trigger.cronCursorJob.map { jobIDs[$0] ?? "" }),
      "custom_path": JSONValue(trigger.customPath), "comment": JSONValue(trigger.comment),
      "webhook_response_config": trigger.webhookResponseConfig ?? .null,
    ]
    if let kafka = trigger.kafkaConfiguration { members["kafka_configuration"] = .object(kafka) }
    return .object(members)
  }

  private func json(_ edge: EdgeSpecification, _ old: Edge?) -> JSONValue {
    var jobID: String?
    var triggerID: String?
    switch edge.source {
    case .job(let key): jobID = jobIDs[key] ?? ""
    case .trigger(let key): triggerID = triggerIDs[key] ?? ""
    }
    return [
      "id": .string(id(edge.id, state?.edges[edge.key], old?.id)), "source_job_id": JSONValue(jobID),
      "source_trigger_id": JSONValue(triggerID), "target_job_id": JSONValue(edge.target.map { jobIDs[$0] ?? "" }),
      "condition_type": .string(edge.conditionType), "condition_expression": JSONValue(edge.conditionExpression),
      "condition_label": JSONValue(edge.conditionLabel), "enabled": .bool(edge.enabled),
    ]
  }
}
