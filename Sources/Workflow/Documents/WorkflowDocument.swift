public import YCRDT

/// The workflow in a shared document: six root types with exactly the names, fields and types that editors expect.
///
/// `workflow` is a map with the metadata; `jobs`, `triggers` and `edges` are arrays with a map for each entity, a job's
/// `body` being a text; `positions` is a map from node id to a plain object; `errors` is a map that
/// editors fill, and servers where they refuse a save.
public enum WorkflowDocument {
  public static let workflowRoot = "workflow"
  public static let jobsRoot = "jobs"
  public static let triggersRoot = "triggers"
  public static let edgesRoot = "edges"
  public static let positionsRoot = "positions"
  public static let errorsRoot = "errors"

  // MARK: Rows → document

  /// Writes a workflow into an empty document, as one transaction.
  public static func populate(_ doc: Doc, from rows: WorkflowRows) {
    do {
      try doc.transact(origin: "initialize_workflow_document") { try write(rows, to: doc) }
    } catch {
      // Writing to fresh types inside a transaction has no way to fail, except for values nested deeper than documents
      // take, which the database cannot hold: JSON is read with a smaller limit.
      preconditionFailure("a new document cannot be written: \(error)")
    }
  }

  /// The first update of a document, and the client id it is written under.
  ///
  /// It depends on nothing but the arguments, so that every node that makes it makes the same bytes: a document that
  /// is made twice from the same rows is still one document.
  public static func seed(name: DocumentName, epoch: Int64, rows: WorkflowRows) -> DocumentSeed {
    let clientID = seedClientID(name: name, epoch: epoch, rows: rows)
    let doc = Doc(clientID: clientID)
    populate(doc, from: rows)
    return DocumentSeed(
      update: doc.encodeStateAsUpdate(), clientID: clientID, clock: doc.stateVector[clientID], ids: textIDs(of: doc))
  }

  /// Also of the content itself: a database that is set back gives its revisions out again, to other content.
  static func seedClientID(name: DocumentName, epoch: Int64, rows: WorkflowRows) -> ClientID {
    serverClientID(
      "\(name)\n\(epoch)\n\(rows.revision)\n\(rows.lockVersion)\n\(rows.deletedAt ?? "")\n\(rows.content.json.text)")
  }

  /// The client id under which servers write to a document after its first update. Not that of the update: should the same
  /// document be made a second time, nobody takes what is written to the one for what was written to the other.
  public static func authorClientID(name: DocumentName, incarnation: Int64) -> ClientID {
    serverClientID("\(name)\n\(incarnation)")
  }

  /// A number from 1 to 2^24 - 1 by FNV-1a. Small, because of two members that set a field at once Yjs prefers the
  /// higher client id: so a person's edit stands against the server's.
  private static func serverClientID(_ text: String) -> ClientID {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return (hash ^ hash >> 24 ^ hash >> 48) & 0xFF_FFFF | 1
  }

  private static func write(_ rows: WorkflowRows, to doc: Doc) throws(YError) {
    let content = rows.content
    let workflow = doc.map(workflowRoot)
    try workflow.set("id", .string(content.id))
    try workflow.set("name", .string(content.name))
    try workflow.set("lock_version", .int(Int64(rows.lockVersion)))
    try workflow.set("deleted_at", JSONValue(rows.deletedAt).yValue)
    try workflow.set("concurrency", JSONValue(content.concurrency).yValue)
    try workflow.set("enable_job_logs", JSONValue(content.enableJobLogs).yValue)
    for job in content.jobs { try append(job, to: doc) }
    for edge in content.edges { try append(edge, to: doc) }
    for trigger in content.triggers { try append(trigger, to: doc) }
    let positions = doc.map(positionsRoot)
    for (node, position) in (content.positions ?? [:]).sorted(by: { $0.key < $1.key }) {
      try positions.set(node, position.yValue)
    }
  }

  /// Adds a job at the end; its body is a shared text.
  @discardableResult
  public static func append(_ job: Job, to doc: Doc) throws(YError) -> YMap {
    let map = try doc.array(jobsRoot).appendMap()
    try map.set("id", .string(job.id))
    try map.setText("body", job.body)
    for (key, value) in ordered(job.fields) where key != "body" { try map.set(key, value.yValue) }
    return map
  }

  /// Adds an edge at the end.
  @discardableResult
  public static func append(_ edge: Edge, to doc: Doc) throws(YError) -> YMap {
    let map = try doc.array(edgesRoot).appendMap()
    try map.set("id", .string(edge.id))
    for (key, value) in ordered(edge.fields) { try map.set(key, value.yValue) }
    return map
  }

  /// Adds a trigger at the end; its Kafka configuration is a shared map. Fields that not every editor knows are left
  /// out while they are empty.
  @discardableResult
  public static func append(_ trigger: Trigger, to doc: Doc) throws(YError) -> YMap {
    let map = try doc.array(triggersRoot).appendMap()
    try map.set("id", .string(trigger.id))
    for (key, value) in ordered(trigger.fields) {
      switch (key, value) {
      case ("kafka_configuration", .object(let members)):
        let configuration = try map.setMap(key)
        for (name, member) in ordered(members) { try configuration.set(name, member.yValue) }
      case ("custom_path", .null), ("comment", .null), ("webhook_response_config", .null): break
      default: try map.set(key, value.yValue)
      }
    }
    return map
  }

  private static func ordered(_ members: [String: JSONValue]) -> [(key: String, value: JSONValue)] {
    members.sorted { $0.key < $1.key }
  }

  /// The ids of all characters that the job bodies show now.
  public static func textIDs(of doc: Doc) -> IdSet {
    var ids = IdSet()
    for element in doc.array(jobsRoot).elements {
      if let text = element.map?["body"]?.text { ids.formUnion(text.liveIDs()) }
    }
    return ids
  }
}

/// What a new document begins with.
public struct DocumentSeed: Hashable, Sendable {
  public var update: [UInt8]
  /// Under which the server goes on writing to this document.
  public var clientID: ClientID
  /// The clock of that client after the update.
  public var clock: UInt64
  /// The characters of the texts.
  public var ids: IdSet
}
