import Logging
import Provisioning
import Storage
import TestSupport
import Testing
import Workflow

/// Imports as they reach the rows, in a Postgres of the tests.
@Suite struct StoredImportTests {
  private typealias F = ImportFixture

  private let address: String
  private let store: Store

  init() throws {
    address = try TestPostgres.makeDatabase()
    store = Store(
      configuration: StoreConfiguration(conninfo: address), logger: Logger(label: "test") { _ in SilentLog() })
    try store.migrate()
    store.start()
  }

  @discardableResult
  private func importing(_ document: JSONValue) throws -> ProjectUpdate {
    let project = ProjectImport(document)
    let id = try #require(project.projectID)
    return try store.wait { done in
      store.updateProject(
        id, mentionedIDs: project.mentionedIDs, provenance: .unknown,
        { try project.applied(to: $0, foreignIDs: $1, now: F.now) }, done)
    }
  }

  private func project(_ id: String = F.project) throws -> ProjectContent {
    try #require(try store.wait { store.readProject(id, $0) })
  }

  /// A random project that a server can take: keychain credentials are not imported.
  private func randomDocument(_ make: inout WorkflowGenerator) -> ProjectContent {
    var project = make.project()
    project.workflows.removeAll { $0.deletedAt != nil }
    for index in project.workflows.indices {
      for job in project.workflows[index].content.jobs.indices {
        project.workflows[index].content.jobs[job].keychainCredentialID = nil
      }
    }
    return project
  }

  @Test func whatIsImportedIsWhatIsExportedAndOnceMoreChangesNothing() throws {
    defer { store.stop() }
    for seed in 0..<15 as Range<UInt64> {
      var make = WorkflowGenerator(seed: seed)
      let original = randomDocument(&make)
      let first = try importing(original.exported)
      #expect(first.isNew && first.changedWorkflowIDs.count == original.workflows.count)
      let stored = try project(original.id)
      #expect(stored == first.project)
      for (rows, before) in zip(stored.workflows, original.workflows) {
        #expect(rows.content.jobs == before.content.jobs, "seed \(seed)")
        #expect(
          rows.content.triggers.map(\.withoutKafka) == before.content.triggers.map(\.withoutKafka), "seed \(seed)")
        #expect(rows.content.edges == before.content.edges, "seed \(seed)")
      }
      let second = try importing(stored.exported)
      #expect(!second.isNew && second.changedWorkflowIDs.isEmpty, "seed \(seed)")
      #expect(second.project == stored, "seed \(seed)")
    }
  }

  /// One odd text at one place: either the import says what is wrong, or the database takes it.
  @Test func theDatabaseTakesWhatPassesTheChecks() throws {
    defer { store.stop() }
    var accepted = 0
    for seed in 0..<200 as Range<UInt64> {
      var make = WorkflowGenerator(seed: seed)
      let document = oneOddText(in: randomDocument(&make).exported, &make)
      do {
        try importing(document)
        accepted += 1
      } catch is ImportErrors {
        continue
      } catch {
        Issue.record("seed \(seed): \(error)")
      }
    }
    #expect(accepted > 20)
  }

  private func oneOddText(in document: JSONValue, _ make: inout WorkflowGenerator) -> JSONValue {
    if make.chance(20) { return oddSettings(in: document, &make) }
    guard case .object(var members) = document, case .array(var workflows)? = members["workflows"],
      let index = workflows.indices.randomElement(using: &make.random), case .object(var workflow) = workflows[index]
    else { return document }
    let list = make.pick(["jobs", "triggers", "edges", "edges"])
    if case .array(var entities)? = workflow[list], let place = entities.indices.randomElement(using: &make.random),
      case .object(var entity) = entities[place]
    {
      let fields = [
        "jobs": ["name", "body", "adaptor"],
        "triggers": ["cron_expression", "custom_path", "comment", "webhook_response_config", "type"],
        "edges": ["condition_expression", "condition_label", "condition_type"],
      ]
      entity[make.pick(fields[list] ?? [])] = .string(make.pick(WorkflowGenerator.oddTexts))
      entities[place] = .object(entity)
      workflow[list] = .array(entities)
    } else {
      workflow["name"] = .string(make.pick(WorkflowGenerator.oddTexts))
    }
    workflows[index] = .object(workflow)
    members["workflows"] = .array(workflows)
    return .object(members)
  }

  private func oddSettings(in document: JSONValue, _ make: inout WorkflowGenerator) -> JSONValue {
    var members = document.object ?? [:]
    let text = JSONValue.string(make.pick(WorkflowGenerator.oddTexts))
    let id = JSONValue.string(make.id())
    switch make.pick([0, 1, 2]) {
    case 0: members["description"] = text
    case 1: members["collections"] = [["id": id, "name": text]]
    default:
      let isName = make.chance(50)
      members["project_credentials"] = [["id": id, "name": isName ? text : "c", "owner": isName ? "amy" : text]]
    }
    return .object(members)
  }

  @Test func onlyWhatChangesGetsANewVersion() throws {
    defer { store.stop() }
    try importing(F.content.exported)
    let before = try project()
    let update = try importing([
      "id": .string(F.project),
      "workflows": [
        ["id": .string(F.intake), "jobs": [["id": .string(F.fetch), "body": "new();"], ["id": .string(F.load)]]],
        ["id": .string(F.sync), "name": "Sync"],
      ],
    ])
    #expect(update.changedWorkflowIDs == [F.intake])
    let after = try project()
    #expect(after.workflows[0].lockVersion == before.workflows[0].lockVersion + 1)
    #expect(after.workflows[0].revision > before.workflows[0].revision)
    #expect(after.workflows[1] == before.workflows[1])
    let version = before.workflows[0].lockVersion
    let old = try store.wait { store.readVersion(F.intake, version, $0) }
    let new = try store.wait { store.readVersion(F.intake, version + 1, $0) }
    #expect(old?.content.jobs[0].body == "get();" && new?.content.jobs[0].body == "new();")
  }

  /// A save would trim this name; an import that has nothing to say about the workflow does not.
  @Test func whatSomebodyWroteOtherwiseIsLeftAlone() throws {
    defer { store.stop() }
    try importing(F.content.exported)
    try PlainConnection(address).run("update workflows set name = ' Intake ' where id = '\(F.intake)'")
    let before = try project()
    #expect(before.workflows[0].content.name == " Intake ")
    let update = try importing([
      "id": .string(F.project), "workflows": [["id": .string(F.intake)], ["id": .string(F.sync), "name": "Copies"]],
    ])
    #expect(update.changedWorkflowIDs == [F.sync])
    #expect(try project().workflows[0] == before.workflows[0])
  }

  @Test func oneMistakeAndNothingIsWritten() throws {
    defer { store.stop() }
    try importing(F.content.exported)
    let before = try project()
    let errors = #expect(throws: ImportErrors.self) {
      try importing([
        "id": .string(F.project),
        "workflows": [
          ["id": .string(F.sync), "name": "Renamed"],
          ["id": .string(F.intake), "jobs": [["id": .string(F.fetch), "body": ""], ["id": .string(F.load)]]],
        ],
      ])
    }
    #expect(errors?.json == ["workflows": ["Intake": ["jobs": ["Fetch": ["body": ["job body can't be blank"]]]]]])
    #expect(try project() == before)
  }

  @Test func idsOfOtherProjectsAreTaken() throws {
    defer { store.stop() }
    try importing(F.content.exported)
    let taken: JSONValue = ["id": ["has already been taken"]]
    let workflow: JSONValue = [
      "id": .string(F.unused), "name": "Mine", "jobs": [["id": .string(F.fetch), "name": "X", "body": "b"]],
    ]
    let errors = #expect(throws: ImportErrors.self) {
      try importing(["id": .string(F.hook), "name": "other", "workflows": [workflow]])
    }
    #expect(errors?.json == ["workflows": ["Mine": ["jobs": ["X": taken]]]])
    #expect(try store.wait { store.readProject(F.hook, $0) } == nil)
  }

  @Test func aDeletedWorkflowIsHiddenAndItsNameIsFree() throws {
    defer { store.stop() }
    try importing(F.content.exported)
    try importing(["id": .string(F.project), "workflows": [["id": .string(F.intake), "delete": true]]])
    #expect(try project().exported["workflows"]?.array?.count == 1)
    let deleted = try #require(try project().workflows.first { $0.content.id == F.intake })
    #expect(deleted.deletedAt == F.now && deleted.content.name == "Intake_del")
    #expect(deleted.content.triggers.map(\.enabled) == [false])
    try importing(["id": .string(F.project), "workflows": [["id": .string(F.unused), "name": "Intake"]]])
    #expect(try project().exported["workflows"]?.array?.count == 2)
  }

  @Test func namesMayBeSwapped() throws {
    defer { store.stop() }
    try importing(F.content.exported)
    try importing([
      "id": .string(F.project),
      "workflows": [
        [
          "id": .string(F.intake), "name": "Sync",
          "jobs": [["id": .string(F.fetch), "name": "Load"], ["id": .string(F.load), "name": "Fetch"]],
        ],
        ["id": .string(F.sync), "name": "Intake"],
      ],
    ])
    let names = try project().workflows.map { [$0.content.name] + $0.content.jobs.map(\.name) }
    #expect(names == [["Sync", "Load", "Fetch"], ["Intake", "Copy"]])
  }
}

extension Trigger {
  /// Exports leave out most of a Kafka configuration.
  fileprivate var withoutKafka: Trigger {
    var trigger = self
    trigger.kafkaConfiguration = nil
    return trigger
  }
}
