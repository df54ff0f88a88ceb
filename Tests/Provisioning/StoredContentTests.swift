import Logging
import Storage
import TestSupport
import Testing
import Workflow

/// The checks of a save and those of the database agree, and rows give back what was written to them.
@Suite struct StoredContentTests {
  @Test func whatASaveAcceptsTheDatabaseTakesAndGivesBack() throws {
    let store = Store(
      configuration: StoreConfiguration(conninfo: try TestPostgres.makeDatabase()),
      logger: Logger(label: "test") { _ in SilentLog() })
    try store.migrate()
    store.start()
    defer { store.stop() }
    var accepted = 0
    for seed in 0..<200 as Range<UInt64> {
      var make = WorkflowGenerator(seed: seed)
      var content = make.workflow()
      for index in content.jobs.indices { content.jobs[index].keychainCredentialID = nil }
      make.isOdd = true
      makeOdd(&content, &make)
      content = content.normalized()
      guard (try? content.validate()) != nil else { continue }
      accepted += 1
      let written = content
      let project = ProjectContent(
        id: make.id(), name: "p",
        workflows: [WorkflowRows(content: content, projectID: "", lockVersion: 0, revision: 0)])
      do {
        let update = try store.wait { done in
          store.updateProject(project.id, mentionedIDs: [], provenance: .unknown, { _, _ in project }, done)
        }
        let read = try #require(update.project.workflows.first).content
        #expect((read.json.serialized() == written.json.serialized()) as Bool, "seed \(seed)")
      } catch {
        Issue.record("seed \(seed): \(error)")
      }
    }
    #expect(accepted > 60)
  }

  /// One thing that editors can write and generators of right workflows do not.
  private func makeOdd(_ content: inout WorkflowContent, _ make: inout WorkflowGenerator) {
    let text = make.text(["usual"])
    switch make.pick([0, 1, 2, 3, 4, 5]) {
    case 0: content.name = text
    case 1: content.positions = [text: make.json(3), "a": make.json(3)]
    case 2: content.concurrency = make.pick([0, -1, 1, 2_147_483_647, 2_147_483_648, .max])
    case 3: makeJobOdd(&content, text, &make)
    case 4: makeTriggerOdd(&content, text, &make)
    default: makeEdgeOdd(&content, text, &make)
    }
  }

  private func makeJobOdd(_ content: inout WorkflowContent, _ text: String, _ make: inout WorkflowGenerator) {
    guard let index = content.jobs.indices.randomElement(using: &make.random) else { return }
    switch make.pick([0, 1, 2, 3]) {
    case 0: content.jobs[index].name = text
    case 1: content.jobs[index].body = text
    case 2: content.jobs[index].adaptor = text
    default: content.jobs[index].projectCredentialID = text
    }
  }

  private func makeTriggerOdd(_ content: inout WorkflowContent, _ text: String, _ make: inout WorkflowGenerator) {
    guard let index = content.triggers.indices.randomElement(using: &make.random) else { return }
    switch make.pick([0, 1, 2, 3, 4, 5]) {
    case 0: content.triggers[index].webhookResponseConfig = make.json(4)
    case 1:
      content.triggers[index].type = "kafka"
      content.triggers[index].kafkaConfiguration = ["topics_string": .string(text), "k": make.json(2)]
    case 2: content.triggers[index].cronExpression = text
    case 3: content.triggers[index].comment = text
    case 4: content.triggers[index].customPath = text
    default: content.triggers[index].webhookReply = text
    }
  }

  private func makeEdgeOdd(_ content: inout WorkflowContent, _ text: String, _ make: inout WorkflowGenerator) {
    guard let index = content.edges.indices.randomElement(using: &make.random) else { return }
    switch make.pick([0, 1, 2, 3]) {
    case 0: content.edges[index].conditionLabel = text
    case 1: content.edges[index].conditionExpression = text
    case 2: content.edges[index].conditionType = text
    default: content.edges[index].targetJobID = text
    }
  }
}
