import Reconciliation
import TestSupport
import Testing
import Workflow
import YCRDT

/// Entities that several people inserted under one id at once, seen by replicas that heard of them in different orders.
@Suite struct DuplicateLawTests {
  @Test func everyReplicaRepairsTheSameWayAndOnce() throws {
    for round in 0..<TestSeed.rounds(60, share: 0.2) {
      let seed = TestSeed.value &+ 400_000 &+ UInt64(round)
      var source = RandomWorkflow(SeededGenerator(seed: seed))
      let content = source.content()
      let seeded = try MergeCase.seeded(content)
      let (updates, typed) = try insertions(into: seeded.doc, &source)
      var rows = WorkflowRows(content: content, projectID: "p", lockVersion: 1, revision: 2)
      if source.chance(50) { source.importChange(&rows.content, live: content) }

      var repairs: [[UInt8]] = []
      var replicas: [Doc] = []
      for number in 0..<3 {
        // Each loads the updates in an order of its own, under an id of its own; the server's id comes with the merge.
        let replica = seeded.doc.fork(clientID: ClientID(100 + number))
        for update in updates.shuffled(using: &source.random) { try replica.apply(update) }
        let fork = replica.fork(clientID: seeded.doc.clientID)
        var repair: [UInt8] = []
        let subscription = fork.observeUpdates { repair = $0.update }
        let result = try Reconciler().merge(rows: rows, base: seeded.base, into: fork)
        subscription.cancel()
        expectRepaired(fork, typed, "seed \(seed)")
        let again = try Reconciler().merge(rows: rows, base: result.base, into: fork)
        #expect(!again.changed && again.conflicts.isEmpty, "seed \(seed): repaired twice")
        repairs.append(repair)
        replicas.append(replica)
      }
      #expect(Set(repairs).count == 1, "seed \(seed): repaired in different ways")
      // All hear of all repairs.
      for replica in replicas {
        for repair in repairs where !repair.isEmpty { try replica.apply(repair) }
        expectRepaired(replica, typed, "seed \(seed)")
      }
      #expect(replicas.allSatisfy { State($0) == State(replicas[0]) }, "seed \(seed)")
    }
  }

  /// Three people insert jobs, edges and triggers of the same few ids, and type in theirs.
  private func insertions(
    into doc: Doc, _ source: inout RandomWorkflow<SeededGenerator>
  ) throws -> (updates: [[UInt8]], typed: Set<Character>) {
    var updates: [[UInt8]] = []
    var typed: Set<Character> = []
    for number in 0..<3 {
      let member = doc.fork(clientID: ClientID(1 + number * 1 << 28))
      try member.transact {
        for id in RandomWorkflow<SeededGenerator>.jobIDs where source.chance(30) {
          let job = source.job(id)
          typed.formUnion(job.body)
          try WorkflowDocument.append(job, to: member)
        }
        for id in RandomWorkflow<SeededGenerator>.triggerIDs where source.chance(30) {
          try WorkflowDocument.append(source.trigger(id, in: WorkflowContent(id: "", name: "")), to: member)
        }
      }
      updates.append(member.encodeStateAsUpdate(since: doc.stateVector))
    }
    return (updates, typed)
  }

  private func expectRepaired(_ doc: Doc, _ typed: Set<Character>, _ comment: Comment) {
    for name in ["jobs", "triggers", "edges"] {
      let ids = doc.array(name).elements.compactMap { $0.map?["id"]?.value?.string }
      #expect(Set(ids).count == ids.count, comment)
    }
    var shown: Set<Character> = []
    for job in State(doc).jobs.values { shown.formUnion(job["body"]?.string ?? "") }
    #expect(typed.isSubset(of: shown), "\(comment): \(typed.subtracting(shown)) was written and is gone")
  }
}
