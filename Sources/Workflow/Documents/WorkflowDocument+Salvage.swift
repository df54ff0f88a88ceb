public import YCRDT

extension WorkflowDocument {
  /// Reads whatever a document of any history shows, so that nothing in it gets lost: one that lacks an id or a name is read
  /// all the same, and of jobs with the same id that say different things each is kept, under an id and a name of its own.
  public static func salvage(_ doc: Doc, id: String) -> WorkflowContent {
    var content =
      (try? extract(doc)) ?? extractWithoutMetadata(doc, id: id)
    content.id = id
    content.jobs += doubledJobs(of: doc, besides: content.jobs)
    return content
  }

  private static func extractWithoutMetadata(_ doc: Doc, id: String) -> WorkflowContent {
    let fork = doc.fork(clientID: 1)
    // Writing two strings to a root of a copy has no way to fail but a document that is full.
    try? fork.transact { () throws(YError) in
      let workflow = fork.map(workflowRoot)
      if workflow["id"]?.value?.string == nil { try workflow.set("id", .string(id)) }
      if workflow["name"]?.value == nil { try workflow.set("name", .string("")) }
    }
    return (try? extract(fork)) ?? WorkflowContent(id: id, name: "")
  }

  /// What happens where two histories met in one client: each has its own copy of every job.
  private static func doubledJobs(of doc: Doc, besides first: [Job]) -> [Job] {
    var seen = Dictionary(first.map { ($0.id, [$0]) }) { one, _ in one }
    var doubles: [Job] = []
    for element in doc.array(jobsRoot).elements {
      guard let fields = JSONValue(element.json).object, let id = fields["id"]?.string else { continue }
      var job = Job(id: id, fields: fields)
      guard var known = seen[id], !known.contains(job) else { continue }
      known.append(job)
      seen[id] = known
      job.id = derivedID(from: id, known.count)
      job.name += " \(known.count)"
      doubles.append(job)
    }
    return doubles
  }

  /// The same for every node: a uuid that differs from the given one in its last digits.
  private static func derivedID(from id: String, _ number: Int) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "\(id)\n\(number)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash & 0xFFFF_FFFF_FFFF, radix: 16)
    return id.dropLast(12) + String(repeating: "0", count: 12 - digits.count) + digits
  }
}
