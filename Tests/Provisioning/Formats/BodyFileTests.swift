import FoundationEssentials
import Testing
import Workflow

@testable import Provisioning

/// Bodies of jobs in files of their own, the state file and the config files.
@Suite struct BodyFileTests {
  private typealias F = FormatFixture
  private static let id = "8a0c1d52-3e4f-4a6b-9c7d-000000000001"

  private func deployed() throws -> (file: ProjectFile, state: ProjectState) {
    let name = "openfn-\(Self.id)-state.json"
    return (
      try F.example("deployed/project.yaml"), try ProjectState.parse(F.bytes("deployed/\(name)"), named: name)
    )
  }

  @Test func aBodyIsWhatIsInItsFile() throws {
    let (file, state) = try deployed()
    let project = try F.imported(file, state: state)
    #expect(
      project.workflows[0].content.jobs.map(\.body) == [
        "fn(state => {\n\treturn state;   \n});\n", "// 🚚 no newline at the end\nfn(state => state)",
      ])
    #expect(
      file.bodyFiles == [
        ProjectFile.BodyPlace(workflow: "intake", job: "read"): "jobs/read.js",
        ProjectFile.BodyPlace(workflow: "intake", job: "write"): "jobs/write.js",
      ])
  }

  @Test func theStateSaysTheIDs() throws {
    let (file, state) = try deployed()
    let document = ProjectImport(file: file, state: state)
    #expect(document.projectID == Self.id)
    let project = try document.applied(to: nil, foreignIDs: [], now: F.now)
    let content = project.workflows[0].content
    #expect(content.id.hasSuffix("2"))
    #expect(content.jobs.map(\.id.last) == ["3", "4"])
    #expect(content.triggers.map(\.id.last) == ["5"])
    #expect(content.edges.map(\.id.last) == ["6", "7"])
    // The state of the project says the same again, and keeps its bytes.
    let own = ProjectState(of: project)
    let keyed = try ProjectState.parse(Array(own.text.utf8), named: "s.json")
    #expect(keyed == own)
    #expect(keyed.text == own.text)
    #expect(try ProjectImport(file: file, state: own).applied(to: project, foreignIDs: [], now: F.now) == project)
  }

  @Test func bothKindsOfConfigsNameTheFiles() throws {
    let tree = LocalFolder("\(F.folder)/deployed")
    let json = try #require(try ProjectConfig.find(in: tree, projectID: Self.id))
    #expect(json.path == "openfn-\(Self.id)-config.json")
    let yaml = try #require(try ProjectConfig.find(in: tree))
    #expect(yaml.path == "openfn.yaml")
    #expect(yaml.config.projectID == Self.id)
    for config in [json.config, yaml.config] {
      #expect(config.specPath == "project.yaml")
      #expect(config.statePath == "openfn-\(Self.id)-state.json")
      #expect(config.endpoint == "https://app.example")
    }
    #expect(try ProjectConfig.find(in: MemoryTree()) == nil)
  }

  @Test(arguments: [
    ("{\"specPath\": \"../x.yaml\"}", "c.json:1:14: specPath: \"../x.yaml\": the path has to be relative"),
    ("specpath: x", "c.json:1:1: specpath: unknown key; did you mean specPath?"),
    ("", "c.json: the config file is empty"), ("- a", "c.json:1:1: a map is expected here"),
    ("project: {uuid: 5}", "c.json:1:17: project.uuid: has to be a uuid, and not \"5\""),
  ]) func configsThatAreWrongAreRefused(text: String, message: String) {
    do throws(FileProblems) {
      _ = try ProjectConfig.parse(Array(text.utf8), named: "c.json")
      Issue.record("\(text) was read")
    } catch {
      #expect(error.description.hasPrefix(message), "\(error)")
    }
  }

  @Test func aConfigThatIsNotThereIsAProblemOnlyWhereItWasNamed() {
    do throws(FileProblems) {
      _ = try ProjectConfig.find(in: MemoryTree(), path: "conf/x.json")
      Issue.record("found")
    } catch {
      #expect(error.description == "conf/x.json: there is no such file")
    }
  }

  @Test(arguments: [
    ("{\"workflows\": {\"a\": {\"id\": \"x\"}}}", "s.json: workflows.a.id: has to be a uuid"),
    ("{\"workflows\": 5}", "s.json: workflows: an object is expected"),
    ("name: x", "s.json:1:1: the state file is JSON"), ("[]", "s.json: an object is expected"),
  ]) func statesThatAreWrongAreRefused(text: String, message: String) {
    do throws(FileProblems) {
      _ = try ProjectState.parse(Array(text.utf8), named: "s.json")
      Issue.record("\(text) was read")
    } catch {
      #expect(error.description.hasPrefix(message), "\(error)")
    }
  }

  // MARK: Writing

  @Test(arguments: [ProjectFormat.v1, .v2, .v2Expressions]) func bodiesAreWrittenToFilesAndReadAgain(
    format: ProjectFormat
  ) throws {
    let project = try F.imported(F.example("v1/project.yaml"))
    let layout = ProjectLayout(specPath: "specs/project.yaml", statePath: "state.json", bodyFolder: "../jobs")
    let files = try ProjectExport(project).files(as: format, layout: layout)
    #expect(
      files.keys.sorted() == [
        "jobs/nightly-report/count-visits.js", "jobs/nightly-report/send.js", "jobs/register-patients/read-form.js",
        "jobs/register-patients/store.js", "jobs/register-patients/tell-nurse.js", "specs/project.yaml", "state.json",
      ])
    let spec = try #require(files["specs/project.yaml"])
    #expect(String(decoding: spec, as: UTF8.self).contains("path: '../jobs/nightly-report/send.js'"))
    let file = try ProjectFile.parse(spec, named: "specs/project.yaml", in: MemoryTree(files: files))
    #expect(try F.imported(file, into: project) == project)
    // A job keeps the file that it has.
    var moved = ProjectLayout(of: file)
    moved.bodyFolder = "elsewhere"
    #expect(
      try ProjectExport(project).files(as: format, layout: moved).keys.sorted()
        == files.keys.filter { $0 != "state.json" }.sorted())
  }

  @Test func filesOfBodiesNeverLeaveTheirFolderOrMeet() throws {
    var project = ProjectContent(id: F.project, name: "odd")
    for (number, name) in ["../../etc/passwd", "A/b", "a b", "…", "CON", String(repeating: "x", count: 250)]
      .enumerated()
    {
      let id = "2f000000-0000-4000-8000-00000000000\(number)"
      let job = Job(id: "3" + id.dropFirst(), name: "fetch", body: "b\(number)")
      project.workflows.append(
        WorkflowRows(
          content: WorkflowContent(id: id, name: name, jobs: [job]), projectID: project.id, lockVersion: 0, revision: 0)
      )
    }
    let files = try ProjectExport(project).files(as: .v1, layout: ProjectLayout(bodyFolder: "jobs"))
    #expect(files.count == 7)
    #expect(files.keys.allSatisfy { TreePath.normalized($0) == $0 && ($0 == "project.yaml" || $0.hasPrefix("jobs/")) })
    #expect(Set(files.keys.map { $0.lowercased() }).count == 7)
    let file = try ProjectFile.parse(
      try #require(files["project.yaml"]), named: "project.yaml", in: MemoryTree(files: files))
    #expect(try F.imported(file, into: project) == project)
  }

  // MARK: Reading what may harm

  @Test(arguments: [
    "/etc/passwd", "../secret.js", "a/../../secret.js", "", ".", "a/", "a\\b.js", "a\u{0}b", "x\u{7F}",
    "../\u{301}a.js", "/\u{301}a.js", "a/../../\u{301}b.js", "a/\u{301}/../../../b.js",
    String(repeating: "a", count: 300), String(repeating: "a/", count: 600) + "b",
  ]) func aPathOutOfTheTreeIsRefused(path: String) throws {
    #expect(TreePath.normalized(path) == nil)
    let text = "name: w\njobs: {a: {body: {path: \(JSONValue.string(path).text)}}}"
    let problems = F.problems(text, in: MemoryTree(["secret.js": "x"]))
    #expect(!problems.isEmpty)
    if !path.contains("\u{7F}"), !path.contains("\u{0}"), path != "" {
      #expect(
        problems.contains { $0.contains("the path has to be relative and must not lead out of the project's folder") })
    }
  }

  @Test func missingLargeAndForeignBodiesAreToldWithTheirPlace() throws {
    let text = """
      name: w
      jobs:
        a: {body: {path: gone.js}}
        b: {body: {path: large.js}}
        c: {body: {path: bytes.js}}
        d: {body: {file: a.js}}
      """
    var tree = MemoryTree(files: ["bytes.js": [0xFF, 0xFE]])
    tree.files["large.js"] = Array(repeating: 65, count: 100)
    var limits = FormatLimits()
    limits.fileBytes = 99
    do throws(FileProblems) {
      _ = try ProjectFile.parse(Array(text.utf8), named: "w.yaml", in: tree, limits: limits)
      Issue.record("read")
    } catch {
      #expect(
        error.description.split(separator: "\n").prefix(5) == [
          "w.yaml:3:20: jobs.a.body.path: \"gone.js\": there is no such file",
          "w.yaml:4:20: jobs.b.body.path: \"large.js\": the file is larger than 99 bytes",
          "w.yaml:5:20: jobs.c.body.path: \"bytes.js\": the file cannot be read: it is not UTF-8 text",
          "w.yaml:6:13: jobs.d.body.path: the path of a file is expected here",
          "w.yaml:6:14: jobs.d.body.file: unknown key; possible here: path",
        ])
    }
  }
}
