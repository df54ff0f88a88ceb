import Rooms
import TestSupport
import Workflow
import YCRDT
import YProtocol

/// One editor of a simulation: a replica that edits on- and offline, and knows what was acknowledged to it.
final class SimulatedMember {
  let id: MemberID
  let doc: Doc
  private var link: SimulatedNode.Link?
  /// Whether all that was edited offline is on its way.
  private var hasAnswered = false
  /// Sent status → the member's own clock when it was sent.
  private var unacknowledged: [UInt8: UInt64] = [:]
  private var lastStatus: UInt8 = 0
  private(set) var acknowledgedClock: UInt64 = 0
  private var hasDocument = false
  private var tokenCount = 0

  init(id: MemberID, clientID: ClientID) {
    self.id = id
    doc = Doc(clientID: clientID)
  }

  var isConnected: Bool { link?.isOpen == true }
  var hasMail: Bool { link?.toMember.isEmpty == false }
  /// Edits make sense once the document has arrived.
  var canEdit: Bool { hasDocument && text != nil }
  var clock: UInt64 { doc.stateVector[doc.clientID] }

  func connect(to node: SimulatedNode) {
    unacknowledged = [:]
    hasAnswered = false
    let link = node.connect(id)
    self.link = link
    link.toServer.append(.syncStep1(doc.stateVector.encoded()))
  }

  func lostConnection() { link = nil }

  /// One message from the server, in order.
  func receive() throws {
    guard let link, !link.toMember.isEmpty else { return }
    switch link.toMember.removeFirst() {
    case .syncStep1(let vector):
      // With what is pending, as Yjs does it: it may be all that is left of an edit whose author and whose server are gone.
      let known = try StateVector(decoding: vector)
      link.toServer.append(.syncStep2(doc.encodeStateAsUpdate(since: known, includingPending: true)))
      hasAnswered = true
    case .syncStep2(let update), .update(let update):
      try doc.apply(update)
      hasDocument = true
    case .syncStatus(let payload):
      if let clock = payload.first.flatMap({ unacknowledged.removeValue(forKey: $0) }) {
        acknowledgedClock = max(acknowledgedClock, clock)
      }
    default: break
    }
  }

  func askForAcknowledgement() {
    guard let link, hasAnswered else { return }
    lastStatus &+= 1
    unacknowledged[lastStatus] = clock
    link.toServer.append(.syncStatus([lastStatus]))
  }

  // MARK: Editing

  private var text: YText? {
    doc.array("jobs").elements.compactMap(\.map).first { $0["id"]?.value?.string == Plot.textJob }?["body"]?.text
  }

  /// Makes one edit, and sends it twice now and then: transports repeat.
  func edit(_ random: inout SeededGenerator, _ ledger: inout Ledger) throws {
    let number = Int.random(in: 0..<10, using: &random)
    let update = try change {
      switch number {
      case 0..<5: try writeToken(&random, &ledger)
      case 5: try doc.map("workflow").set("name", .string("name \(id)-\(Int.random(in: 0..<1000, using: &random))"))
      case 6: try addJob(&random, &ledger)
      case 7: try editJob(&random)
      case 8: try removeJob(&random, &ledger)
      default: try move(&random, &ledger)
      }
    }
    if let update, Int.random(in: 0..<8, using: &random) == 0 { link?.toServer.append(.update(update)) }
  }

  /// Gives whatever has no name one, as a person does whose save was refused.
  func nameTheNameless(_ random: inout SeededGenerator) throws {
    _ = try change {
      for named in [doc.map("workflow")] + doc.array("jobs").elements.compactMap(\.map)
      where named["name"]?.value?.string?.isEmpty ?? true {
        try named.set("name", .string(Plot.jobName(&random)))
      }
    }
  }

  /// Writes, and sends the update if there is somebody to send it to.
  private func change(_ body: () throws -> Void) throws -> [UInt8]? {
    var update: [UInt8]?
    let subscription = doc.observeUpdates { update = $0.update }
    try doc.transact(body)
    subscription.cancel()
    if let update { link?.toServer.append(.update(update)) }
    return update
  }

  private func writeToken(_ random: inout SeededGenerator, _ ledger: inout Ledger) throws {
    guard let text else { return }
    let token = "<m\(doc.clientID).\(tokenCount)>"
    tokenCount += 1
    try text.insert(token, at: Plot.boundary(in: text.string, &random))
    ledger.wrote(token: token, .member(doc.clientID), clock: clock)
  }

  private func addJob(_ random: inout SeededGenerator, _ ledger: inout Ledger) throws {
    let job = Job(id: Plot.identifier(&random), name: Plot.jobName(&random), body: "fn()")
    try WorkflowDocument.append(job, to: doc)
    ledger.added(job: job.id, .member(doc.clientID), clock: clock)
    try WorkflowDocument.append(
      Edge(id: Plot.identifier(&random), sourceJobID: Plot.textJob, targetJobID: job.id), to: doc)
  }

  private func editJob(_ random: inout SeededGenerator) throws {
    guard let job = doc.array("jobs").elements.compactMap(\.map).randomElement(using: &random) else { return }
    try job.set("name", .string(Plot.jobName(&random)))
  }

  /// Removes a job with the edges that touch it, as editors do.
  private func removeJob(_ random: inout SeededGenerator, _ ledger: inout Ledger) throws {
    let jobs = doc.array("jobs")
    guard jobs.count > 1, let index = (0..<jobs.count).randomElement(using: &random),
      let id = jobs[index].map?["id"]?.value?.string, id != Plot.textJob
    else { return }
    try jobs.remove(at: index)
    ledger.removed(job: id)
    let edges = doc.array("edges")
    for index in (0..<edges.count).reversed() {
      let edge = edges[index].map
      let ends = [edge?["source_job_id"]?.value?.string, edge?["target_job_id"]?.value?.string]
      if ends.contains(id) { try edges.remove(at: index) }
    }
  }

  private func move(_ random: inout SeededGenerator, _ ledger: inout Ledger) throws {
    try doc.map("positions").set(Plot.textJob, ["x": .int(Int64.random(in: 0..<500, using: &random)), "y": 1])
    ledger.moved(doc.clientID, clock: clock)
  }
}
