import TestSupport
import Testing
import Workflow

@testable import Provisioning

/// Copies of projects, and how they look to the project that they are merged into.
@Suite struct SandboxMappingTests {
  private func project(_ seed: UInt64) -> ProjectContent {
    var generator = WorkflowGenerator(seed: seed)
    var project = ProjectContent(id: generator.id(), name: "parent", description: "what it is for")
    project.credentials = [ProjectCredential(id: generator.id(), name: "key", owner: "a@example.com")]
    project.keychains = [ProjectKeychain(id: generator.id(), name: "chain")]
    project.collections = [ProjectCollection(id: generator.id(), name: "things")]
    for number in 0..<3 {
      var content = generator.workflow()
      content.name = "Workflow \(number)"
      for index in content.jobs.indices {
        content.jobs[index].projectCredentialID = index % 2 == 0 ? project.credentials[0].id : nil
        content.jobs[index].keychainCredentialID = index % 2 == 0 ? nil : project.keychains[0].id
      }
      let deletedAt = number == 2 ? "2026-01-01T00:00:00Z" : nil
      project.workflows.append(
        WorkflowRows(content: content, projectID: project.id, lockVersion: 3, revision: 9, deletedAt: deletedAt))
    }
    return project
  }

  private func copy(_ project: ProjectContent, _ seed: UInt64) -> SandboxCopy {
    var generator = WorkflowGenerator(seed: seed &+ 1_000_000)
    return SandboxCopy(of: project, id: generator.id(), name: "sandbox", newID: { generator.id() })
  }

  private func ids(_ project: ProjectContent) -> [String] {
    project.workflows.flatMap { [$0.content.id] + $0.content.entityIDs } + project.credentials.map(\.id)
      + project.keychains.map(\.id) + project.collections.map(\.id) + [project.id]
  }

  @Test func aCopyHasIdsOfItsOwnAndNoTriggerOn() throws {
    for seed in UInt64(0)..<30 {
      let parent = project(seed)
      let sandbox = copy(parent, seed).project
      #expect(Set(ids(sandbox)).isDisjoint(with: ids(parent)), "seed \(seed)")
      #expect(Set(ids(sandbox)).count == ids(sandbox).count, "seed \(seed)")
      #expect(sandbox.workflows.map(\.content.name) == ["Workflow 0", "Workflow 1"], "deleted ones stay behind")
      #expect(sandbox.workflows.allSatisfy { $0.content.triggers.allSatisfy { !$0.enabled } }, "seed \(seed)")
      #expect(sandbox.collections.map(\.name) == ["things"] && sandbox.description == parent.description)
      for workflow in sandbox.workflows.map(\.content) {
        #expect(workflow == workflow.withoutDanglingReferences(), "seed \(seed)")
        for job in workflow.jobs {
          #expect(job.projectCredentialID.map { $0 == sandbox.credentials[0].id } ?? true, "seed \(seed)")
          #expect(job.keychainCredentialID.map { $0 == sandbox.keychains[0].id } ?? true, "seed \(seed)")
        }
      }
    }
  }

  @Test func anUnchangedCopyIsWhatItWasCopiedFrom() throws {
    for seed in UInt64(0)..<30 {
      let parent = project(seed)
      let copied = copy(parent, seed)
      for (workflow, base) in zip(copied.project.workflows.map(\.content), copied.bases) {
        let original = try #require(parent.workflows.first { $0.content.id == base.content.id }).content
        let mapping = SandboxMapping(
          of: workflow, to: original, base: base, credentials: base.origins, newID: { "new" })
        #expect(mapping.content.isSame(as: original), "seed \(seed)")
        #expect(mapping.base == original && mapping.next.content == mapping.content, "seed \(seed)")
      }
    }
  }

  /// A sandbox's trigger is off because it is a sandbox's.
  @Test func ofATriggerComesAlongWhatItIsAndNotWhetherItRuns() throws {
    let trigger = Trigger(
      id: "t", type: "webhook", enabled: true, webhookReply: "after_completion", comment: "old")
    let target = WorkflowContent(id: "w", name: "W", triggers: [trigger])
    var source = WorkflowContent(id: "v", name: "W", triggers: [trigger])
    source.triggers[0].id = "s"
    source.triggers[0].enabled = false
    source.triggers[0].webhookReply = "before_start"
    source.triggers[0].comment = "new"
    source.triggers[0].customPath = "hook"
    let mapping = SandboxMapping(of: source, to: target, base: nil, credentials: [:], newID: { "new" })
    var expected = trigger
    expected.comment = "new"
    expected.customPath = "hook"
    #expect(mapping.content.triggers == [expected] && mapping.content.id == "w")
  }

  @Test func aWorkflowThatTheProjectDoesNotHaveIsWholeUnderNewIds() throws {
    let parent = project(1)
    let source = parent.workflows[0].content
    var generator = WorkflowGenerator(seed: 77)
    let mapping = SandboxMapping(of: source, to: nil, base: nil, credentials: [:], newID: { generator.id() })
    #expect(mapping.base == nil && mapping.content.id != source.id)
    #expect(Set(mapping.content.entityIDs).isDisjoint(with: source.entityIDs))
    #expect(mapping.content.jobs.map(\.body) == source.jobs.map(\.body))
    #expect(mapping.content.triggers.map(\.enabled) == source.triggers.map(\.enabled))
    #expect(mapping.content.edges.count == source.edges.count)
    let back = Dictionary(mapping.next.origins.map { ($0.value, $0.key) }) { first, _ in first }
    #expect(mapping.content.identified(as: source.id, back) == source.normalized())
  }
}
