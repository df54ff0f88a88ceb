import TestSupport
import Testing
import Workflow

@testable import Provisioning

/// Laws of projects that go through files.
@Suite struct ProjectPropertyTests {
  private typealias F = FormatFixture

  /// A project as rows hold it, of which every format can say everything but what none carries.
  private static func project(_ random: inout WorkflowGenerator) -> ProjectContent {
    var project = random.project(workflows: 4)
    project.id = F.project
    let credential = ProjectCredential(
      id: random.id(), name: random.pick(["dhis2 login", "it's: odd", "é"]), owner: "amy@example.org")
    if project.credentials.isEmpty { project.credentials = [credential] }
    for index in project.workflows.indices {
      project.workflows[index].content = Self.workflow(project.workflows[index].content, &random)
      for job in project.workflows[index].content.jobs.indices where random.chance(30) {
        project.workflows[index].content.jobs[job].projectCredentialID = random.pick(project.credentials.map(\.id))
        project.workflows[index].content.jobs[job].keychainCredentialID = nil
      }
      if random.chance(30) {
        project.workflows[index].content.name += random.pick(["\u{200B}", " 'x'", ": y", " 🚀", "-", "  z", "ß/.."])
      }
      project.workflows[index].content = project.workflows[index].content.normalized()
    }
    return project
  }

  /// In v2 no two edges join the same steps, and every edge leads somewhere.
  private static func workflow(_ content: WorkflowContent, _ random: inout WorkflowGenerator) -> WorkflowContent {
    var content = content
    var ends: Set<[String?]> = []
    content.edges.removeAll { edge in
      edge.targetJobID == nil || !ends.insert([edge.sourceJobID, edge.sourceTriggerID, edge.targetJobID]).inserted
    }
    for index in content.edges.indices where random.chance(30) {
      content.edges[index].conditionType = "js_expression"
      content.edges[index].conditionExpression = random.pick([
        "!state.errors", "always", "!!state.errors", "true", "a\nb\n", " x", "state.data['ø'] # no", "on_job_success",
        "null",
      ])
    }
    let bodies = [
      "  indented\nfn()\n", "\ttab\n", "fn()", "a\n\n\n", "\r\nwindows\r\n", "\u{2028}x", "// 🚀 \u{202E}\n",
      "- a: *b\n", "\u{FEFF}x",
      "true", "0", "'", String(repeating: "long line ", count: 400),
    ]
    for index in content.jobs.indices where random.chance(50) { content.jobs[index].body = random.pick(bodies) }
    for index in content.triggers.indices {
      let trigger = content.triggers[index]
      // Rows have nothing where documents may have a null.
      if trigger.webhookResponseConfig == JSONValue.null {
        content.triggers[index].webhookResponseConfig = nil as JSONValue?
      }
      // Only what exports show.
      if trigger.type == "kafka" {
        content.triggers[index].kafkaConfiguration = [
          "hosts_string": "a.example:9092, b:9093", "topics_string": "t1, t2", "connect_timeout": 30,
        ]
      }
    }
    return content
  }

  /// What one project has that the other has not, for people.
  private static func difference(_ one: ProjectContent, _ other: ProjectContent) -> String {
    zip(one.workflows, other.workflows).compactMap { $0.content.difference(to: $1.content)?.text }.joined(
      separator: "\n")
  }

  private static func withoutWhatNoFileCarries(_ project: ProjectContent) -> ProjectContent {
    var project = project
    for index in project.workflows.indices {
      for job in project.workflows[index].content.jobs.indices {
        project.workflows[index].content.jobs[job].keychainCredentialID = nil
      }
    }
    return project
  }

  @Test(arguments: ProjectFormat.allCases) func anExportImportsWithoutChangeAndIntoNothingSaysTheSame(
    format: ProjectFormat
  ) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = WorkflowGenerator(seed: seed)
    for _ in 0..<40 {
      let project = Self.project(&random)
      let text = try ProjectExport(project).text(as: format)
      let file = try F.parse(text, named: format == .json ? "p.json" : "p.yaml")
      let same = try F.imported(file, into: project)
      #expect(same == project, "seed \(seed)\n\(Self.difference(project, same))\n\(text)")
      #expect(try ProjectExport(F.imported(file, into: project)).text(as: format) == text, "seed \(seed)")
      guard format != .json else { continue }
      let copy = try F.imported(file)
      #expect(copy.byNames == Self.withoutWhatNoFileCarries(project).byNames, "seed \(seed)\n\(text)")
      // The copy is written down byte for byte alike, whatever ids it has.
      #expect(try ProjectExport(copy).text(as: format) == text, "seed \(seed)")
    }
  }

  @Test(arguments: [ProjectFormat.v1, .v2, .v2Expressions]) func aDivergedProjectBecomesWhatTheFileSays(
    format: ProjectFormat
  ) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = WorkflowGenerator(seed: seed)
    for _ in 0..<40 {
      let project = Self.withoutWhatNoFileCarries(Self.project(&random))
      let diverged = Self.diverged(project, &random)
      let text = try ProjectExport(project).text(as: format)
      let after = try F.imported(
        F.parse(text), into: diverged, state: random.chance(50) ? ProjectState(of: project) : nil)
      var (names, expected) = (after.byNames, project.byNames)
      // Nothing is detached or deleted because a file does not mention it.
      for key in ["credentials", "collections"] { (names[key], expected[key]) = (nil, nil) }
      for (key, value) in expected { #expect(names[key] == value, "seed \(seed) \(key)\n\(text)") }
      // What both have keeps its id and what no file carries.
      for rows in diverged.workflows where rows.deletedAt == nil {
        guard let same = after.workflows.first(where: { $0.content.id == rows.content.id }) else { continue }
        #expect(same.content.concurrency == rows.content.concurrency, "seed \(seed)")
        #expect(same.content.enableJobLogs == rows.content.enableJobLogs, "seed \(seed)")
      }
    }
  }

  /// The project after people have worked on it.
  private static func diverged(_ project: ProjectContent, _ random: inout WorkflowGenerator) -> ProjectContent {
    var project = project
    for index in project.workflows.indices {
      project.workflows[index].content.concurrency = 7
      for job in project.workflows[index].content.jobs.indices {
        if random.chance(20) { project.workflows[index].content.jobs[job].body = "other()" }
        if random.chance(10) { project.workflows[index].content.jobs[job].adaptor = "@openfn/language-x@1.0.0" }
      }
      for edge in project.workflows[index].content.edges.indices where random.chance(20) {
        project.workflows[index].content.edges[edge].conditionLabel = "changed"
      }
      for trigger in project.workflows[index].content.triggers.indices where random.chance(20) {
        project.workflows[index].content.triggers[trigger].enabled.toggle()
        project.workflows[index].content.triggers[trigger].comment = "changed"
      }
      if random.chance(20), !project.workflows[index].content.edges.isEmpty {
        project.workflows[index].content.edges.removeLast()
      }
      if random.chance(20) {
        project.workflows[index].content.jobs.append(
          Job(id: random.id(), name: "Added \(index)", body: "added()", adaptor: "@openfn/language-x@1.0.0"))
      }
    }
    if random.chance(20), !project.workflows.isEmpty { project.workflows.removeLast() }
    return project
  }

  @Test func renamingOneJobInTheFileKeepsAllIDs() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = WorkflowGenerator(seed: seed)
    for _ in 0..<40 {
      var project = Self.project(&random)
      guard
        let place = project.workflows.indices.filter({
          project.workflows[$0].deletedAt == nil && !project.workflows[$0].content.jobs.isEmpty
        }).first
      else { continue }
      let original = project
      let job = Int.random(in: 0..<project.workflows[place].content.jobs.count, using: &random.random)
      project.workflows[place].content.jobs[job].name = "Entirely new"
      for format in [ProjectFormat.v1, .v2, .v2Expressions] {
        let text = try ProjectExport(project).text(as: format)
        #expect(try F.imported(F.parse(text), into: original) == project, "seed \(seed)\n\(text)")
      }
    }
  }
}
