import Testing
import Workflow

@testable import Provisioning

/// Which part of a sandbox's workflow is which of the workflow that it is merged into.
@Suite struct WorkflowMatchingTests {
  /// A webhook that starts Fetch, which leads to Map and from there to Load; ids begin with `prefix`.
  private func workflow(_ prefix: String, _ change: (inout WorkflowContent) -> Void = { _ in }) -> WorkflowContent {
    var content = WorkflowContent(
      id: "\(prefix)w", name: "Intake",
      jobs: ["Fetch", "Map", "Load"].map { Job(id: prefix + $0, name: $0, body: "\($0)();") },
      triggers: [Trigger(id: "\(prefix)t", type: "webhook", enabled: true)],
      edges: [
        Edge(id: "\(prefix)1", sourceTriggerID: "\(prefix)t", targetJobID: "\(prefix)Fetch"),
        Edge(id: "\(prefix)2", sourceJobID: "\(prefix)Fetch", targetJobID: "\(prefix)Map"),
        Edge(id: "\(prefix)3", sourceJobID: "\(prefix)Map", targetJobID: "\(prefix)Load"),
      ])
    change(&content)
    return content
  }

  private func base(_ content: WorkflowContent) -> SandboxBase {
    let origins = workflow("s").entityIDs.map { ($0, "t" + $0.dropFirst()) }
    return SandboxBase(workflowID: "sw", content: content, origins: Dictionary(uniqueKeysWithValues: origins))
  }

  private func ids(
    _ source: WorkflowContent, _ target: WorkflowContent, _ base: SandboxBase? = nil
  ) -> [String: String] {
    WorkflowMatching(source: source, target: target, base: base).ids
  }

  private let all = [
    "sFetch": "tFetch", "sMap": "tMap", "sLoad": "tLoad", "st": "tt", "s1": "t1", "s2": "t2", "s3": "t3",
  ]

  @Test func whatCameFromThereIsKnownUnderAnyName() {
    let source = workflow("s") {
      for index in $0.jobs.indices { ($0.jobs[index].name, $0.jobs[index].body) = ("New \(index)", "new();") }
      $0.edges.removeAll()
    }
    let expected = all.filter { !["s1", "s2", "s3"].contains($0.key) }
    #expect(ids(source, workflow("t"), base(workflow("t"))) == expected)
  }

  @Test func withoutAnOriginNamesTypesAndEndsTell() {
    #expect(ids(workflow("s"), workflow("t")) == all)
  }

  @Test func theOnlyTriggersAreTheSameOfWhateverType() {
    #expect(ids(workflow("s") { $0.triggers[0].type = "cron" }, workflow("t"))["st"] == "tt")
  }

  @Test func ofSeveralTriggersTheTypeTells() {
    let source = workflow("s") { $0.triggers.append(Trigger(id: "su", type: "cron")) }
    let target = workflow("t") { $0.triggers.insert(Trigger(id: "tu", type: "cron"), at: 0) }
    #expect(ids(source, target)["st"] == "tt" && ids(source, target)["su"] == "tu")
    #expect(ids(source, workflow("t"))["su"] == nil)
  }

  @Test func aRenamedJobIsKnownByWhatIsAroundIt() {
    let source = workflow("s") { ($0.jobs[1].name, $0.jobs[1].body) = ("Clean", "clean();") }
    #expect(ids(source, workflow("t")) == all)
  }

  @Test func aJobWithNothingAroundItIsKnownByItsBody() {
    let source = workflow("s") {
      $0.edges.removeAll()
      $0.jobs[1].name = "Clean"
    }
    let target = workflow("t") { $0.edges.removeAll() }
    #expect(ids(source, target)["sMap"] == "tMap")
    let ambiguous = workflow("t") {
      $0.edges.removeAll()
      $0.jobs.append(Job(id: "tOther", name: "Other", body: "Map();"))
    }
    #expect(ids(source, ambiguous)["sMap"] == nil)
  }

  /// Both added a job at the same place: these are two.
  @Test func whatTheTargetAddedIsNotTakenForAnother() {
    func adding(_ prefix: String, _ name: String) -> WorkflowContent {
      workflow(prefix) {
        $0.jobs.append(Job(id: "\(prefix)New", name: name, body: "same();"))
        $0.edges.append(Edge(id: "\(prefix)4", sourceJobID: "\(prefix)Load", targetJobID: "\(prefix)New"))
      }
    }
    #expect(ids(adding("s", "Clean"), adding("t", "Check"), base(workflow("t"))) == all)
    let same = ids(adding("s", "Clean"), adding("t", "Clean"), base(workflow("t")))
    #expect(same["sNew"] == "tNew" && same["s4"] == "t4")
  }

  /// An import may have given everything in the sandbox new ids.
  @Test func aSandboxWithOtherIdsIsMatchedAllTheSame() {
    let source = workflow("x") { $0.jobs[1].name = "Clean" }
    let found = ids(source, workflow("t"), base(workflow("t")))
    #expect(found["xMap"] == "tMap" && found["xt"] == "tt" && found["x3"] == "t3")
  }

  @Test func nothingIsMatchedTwice() {
    let source = workflow("s") { content in
      content.jobs.append(Job(id: "sAgain", name: "Fetch", body: "Fetch();"))
    }
    let found = ids(source, workflow("t"), base(workflow("t")))
    #expect(Set(found.values).count == found.count && found["sAgain"] == nil)
  }
}
