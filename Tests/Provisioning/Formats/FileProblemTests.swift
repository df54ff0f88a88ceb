import Testing
import Workflow

@testable import Provisioning

/// What is wrong with a file is told all at once, with its place, and with what would be right.
@Suite struct FileProblemTests {
  private typealias F = FormatFixture

  private static let job = "{name: A, body: x}"

  /// Texts, and problems that have to be among those that are told.
  static let cases: [(String, [String])] = [
    // The text itself.
    ("", ["p.yaml: the file is empty, and a project or a workflow is expected"]),
    ("# nothing", ["p.yaml: the file is empty, and a project or a workflow is expected"]),
    ("just text", ["p.yaml:1:1: a project is expected, with the keys name and workflows"]),
    ("- a\n- b", ["p.yaml:1:1: a project is expected"]),
    ("specPath: a.yaml\nstatePath: b", ["this is a config file, which names a project file"]),
    ("name: [", ["p.yaml:2:1: did not find expected node content"]),
    (
      "name: x\n\tjobs: {}",
      [
        "p.yaml:2:1: found a tab character that violates indentation (while scanning a plain scalar that begins in line 1); this is a tab, and YAML is indented by spaces"
      ]
    ),
    ("name: a\n---\nname: b", ["p.yaml:2:1: a second document begins here"]),
    ("name: a\njobs: {}\nname: b", ["p.yaml:3:1: the key \"name\" stands here twice, before that in line 1"]),
    ("name: !!int 5\njobs: {}", ["p.yaml:1:7: the tag \"tag:yaml.org,2002:int\" is not read here"]),
    ("name: !x y\njobs: {}", ["p.yaml:1:7: the tag \"!x\" is not read here"]),
    ("name: *x\njobs: {}", ["p.yaml:1:7: there is no anchor &x before this alias"]),
    ("name: a\njobs: {<<: {a: {body: x}}}", ["p.yaml:2:8: maps are not merged here"]),
    ("name: a\njobs: {[1]: {body: x}}", ["p.yaml:2:8: a key has to be text"]),
    ("name: a\njobs: {? {b: c} : {body: x}}", ["a key has to be text"]),
    ("name: \u{1}\njobs: {}", ["p.yaml:1:7: control characters are not allowed (U+1)"]),
    ("name: a\0b\njobs: {}", ["p.yaml:1:8: control characters are not allowed (U+0)"]),
    // Keys and values.
    (
      "name: a\njobz: {}\njobs: {}",
      ["p.yaml:2:1: jobz: unknown key; did you mean jobs? (possible here: name, jobs, triggers, edges)"]
    ),
    ("name: a\njobs: []", ["p.yaml:2:7: jobs: a map is expected here, keyed by name"]),
    (
      "name: a\njobs:\n  x: text",
      ["p.yaml:3:6: jobs.x: a map is expected here, with the keys name, adaptor, credential, body"]
    ),
    ("name: {a: b}\njobs: {}", ["p.yaml:1:7: name: text is expected here"]),
    (
      "name: a\ntriggers: {t: {type: webhook, enabled: yes}}",
      ["p.yaml:2:40: triggers.t.enabled: has to be true or false, and not yes"]
    ),
    (
      "name: a\ntriggers: {t: {type: webhook, enabled: 'true'}}",
      ["triggers.t.enabled: has to be true or false, and not the text \"true\""]
    ),
    ("name: a\njobs: {'': {body: x}}", ["p.yaml:2:8: jobs: a key cannot be empty"]),
    (
      "name: a\njobs: {a b: {body: x}, a-b: {name: c, body: x}}",
      ["p.yaml:2:24: jobs.a-b: the key is the same as \"a b\" in line 2, once spaces are hyphens"]
    ),
    (
      "name: a\njobs: {é: {body: x}, e\u{301}: {body: y}}", ["stands here twice, before that in line 2"]
    ),
    // What is meant.
    ("workflows: {}", ["p.yaml:1:1: name: can't be blank"]),
    (
      "name: No Good\nworkflows: {}",
      ["p.yaml:1:1: name: has invalid format: lower-case letters, digits and hyphens are possible"]
    ),
    (
      "name: a\njobs: {x: {name: 'a/b', body: ' '}}",
      [
        "p.yaml:2:12: jobs.x.name: job name has invalid format", "p.yaml:2:25: jobs.x.body: job body can't be blank",
      ]
    ),
    ("name: a\njobs: {x: {name: A}}", ["p.yaml:2:8: jobs.x.body: job body can't be blank"]),
    ("name: a\njobs: {x: \(job), y: \(job)}", ["p.yaml:2:35: jobs.y.name: job name has already been taken"]),
    (
      "name: a\ntriggers: {t: {type: cron, cron_expression: every day}}",
      [
        "p.yaml:2:28: triggers.t.cron_expression: has to be a valid cron expression"
      ]
    ),
    ("name: a\ntriggers: {t: {type: timer}}", ["p.yaml:2:16: triggers.t.type: is invalid"]),
    ("name: a\ntriggers: {t: {enabled: true}}", ["triggers.t.type: can't be blank"]),
    (
      "name: a\ntriggers: {t: {type: cron, cron_cursor_job: fetsh}}\njobs: {fetch: {body: x}}",
      [
        "p.yaml:2:45: triggers.t.cron_cursor_job: there is no job \"fetsh\" in the workflow; did you mean fetch?"
      ]
    ),
    (
      "name: a\ntriggers: {t: {type: kafka, kafka_configuration: {password: x, hosts: [a]}}}",
      [
        "triggers.t.kafka_configuration.password: credentials can only be changed through the dashboard"
      ]
    ),
    (
      "name: a\ntriggers: {t: {type: kafka, kafka_configuration: {hosts: [a]}}}",
      [
        "triggers.t.kafka_configuration: hosts have to be given as host:port, host:port"
      ]
    ),
    // Edges.
    (
      "name: a\njobs: {x: \(job)}\nedges: {e: {target_job: x}}",
      [
        "p.yaml:3:12: edges.e.source_job: source_job or source_trigger must be present"
      ]
    ),
    (
      "name: a\njobs: {x: \(job)}\nedges: {e: {source_job: x}}",
      [
        "p.yaml:3:12: edges.e.target_job: the key of a job is expected here"
      ]
    ),
    (
      "name: a\njobs: {x: \(job)}\nedges: {e: {source_job: x, target_job: x}}",
      [
        "p.yaml:3:28: edges.e.target_job: target job must be different from source job"
      ]
    ),
    (
      "name: a\njobs: {x: \(job)}\nedges: {e: {source_trigger: hook, target_job: x}}",
      [
        "p.yaml:3:29: edges.e.source_trigger: there is no trigger \"hook\" in the workflow"
      ]
    ),
    (
      "name: a\njobs: {x: \(job), y: {body: z}}\nedges: {y->x: {source_job: x, target_job: y}}",
      [
        "p.yaml:3:9: edges.y->x: the key says another edge than the fields, which say x->y"
      ]
    ),
    (
      "name: a\njobs: {x: \(job), y: {body: z}}\nedges: {x->y: {source_job: x, target_job: y, condition_type: maybe}}",
      [
        "p.yaml:3:46: edges.x->y.condition_type: is invalid"
      ]
    ),
    (
      "name: a\njobs: {x: \(job), y: {body: z}}\nedges: {x->y: {source_job: x, target_job: y, condition_type: js_expression}}",
      [
        "edges.x->y.condition_expression: can't be blank"
      ]
    ),
    // v2.
    (
      "name: a\nsteps: [{id: x, expression: y}, {id: x, expression: z}]",
      [
        "p.yaml:2:34: steps.x.id: the id \"x\" is taken in line 2"
      ]
    ),
    ("name: a\nsteps: [{expression: y}]", ["p.yaml:2:9: steps.0.id: can't be blank"]),
    (
      "name: a\nsteps: [{id: x, expression: y, next: z}]",
      [
        "p.yaml:2:38: steps.x.next: there is no step \"z\" in the workflow"
      ]
    ),
    ("name: a\nsteps: [{id: x, expression: y, next: [z]}]", ["steps.x.next: the id of a step is expected here"]),
    (
      "name: a\nsteps: [{id: x, expression: y, next: x}]",
      [
        "p.yaml:2:32: steps.x.next: target job must be different from source job"
      ]
    ),
    (
      "name: a\nsteps: [{id: t, type: webhook}, {id: x, expression: y, next: {t: always}}]",
      [
        "steps.x.next.t: t is a trigger, and an edge leads to a job"
      ]
    ),
    (
      "name: a\nsteps: [{id: t, type: webhook, next: {x: on_job_success}}, {id: x, expression: y}]",
      [
        "steps.t.next.x: must be either 'always' or 'js_expression' when the source is a trigger"
      ]
    ),
    (
      "name: a\nstart: y\nsteps: [{id: x, expression: y}]",
      ["p.yaml:2:8: start: there is no step \"y\" in the workflow; did you mean x?"]
    ),
    (
      "name: a\nsteps: [{id: x, expression: y, openfn: {uuid: 12}}]",
      [
        "p.yaml:2:47: steps.x.openfn.uuid: has to be a uuid, and not \"12\""
      ]
    ),
    ("name: a\nsteps: [{id: x, expression: y, adaptors: [a, b]}]", ["steps.x.adaptors: a job has one adaptor"]),
    (
      "name: a\nsteps: [{id: x, expression: y, adaptor: a, adaptors: [b]}]",
      ["adaptor and adaptors are mutually exclusive"]
    ),
    (
      "name: a\nsteps: [{id: t, type: cron, cron_expression: '@daily', openfn: {cron: '@daily'}}]",
      [
        "steps.t.openfn.cron: is given twice"
      ]
    ),
    (
      "name: a\nsteps: [{id: x, expression: y, body: z}]",
      ["p.yaml:2:32: steps.x.body: unknown key; possible here: id, name, adaptor"]
    ),
    (
      "id: a\nname: a\nworkflows: [{id: w, name: W, steps: []}, {id: v, name: W, steps: []}]",
      [
        "p.yaml:3:50: workflows.v.name: a workflow with this name already exists in this project."
      ]
    ),
    ("id: a\nname: a\nworkflows: [{id: w, name: '', steps: []}]", ["p.yaml:3:21: workflows.w.name: can't be blank"]),
  ]

  @Test(arguments: cases) func everyMistakeIsToldWithItsPlace(text: String, expected: [String]) {
    let problems = F.problems(text)
    for message in expected {
      #expect(problems.contains { $0.contains(message) }, "\(message) is not among \(problems)")
    }
  }

  @Test func allMistakesAreToldAtOnceInTheOrderOfTheFile() {
    let text = """
      name: Bad Name
      workflows:
        w:
          name: W
          jobs:
            a: {name: A, body: '', adapter: x}
            b: {name: 'b!', body: x}
          triggers:
            t: {type: cron, cron_expression: x, enabled: on}
          edges:
            a->c: {source_job: a, target_job: c}
            a->b: {source_job: a, target_job: b, condition_type: sometimes}
      """
    let problems = F.problems(text)
    let lines = problems.map { $0.split(separator: ":")[1] }.compactMap { Int($0) }
    #expect(lines == [1, 6, 6, 7, 9, 9, 11, 12], "\(problems.joined(separator: "\n"))")
  }

  @Test func problemsOverHTTPStandUnderTheirPaths() {
    do throws(FileProblems) {
      _ = try F.parse("name: a\njobs: {x: {name: A}}\nedgez: {}", named: "p.yaml")
      Issue.record("read")
    } catch {
      #expect(
        error.json == [
          "jobs.x.body": ["p.yaml:2:8: job body can't be blank"],
          "edgez": ["p.yaml:3:1: unknown key; did you mean edges? (possible here: name, jobs, triggers, edges)"],
        ])
      #expect(error.list.array?.first?["line"] == 2)
    }
  }

  @Test func manyProblemsAreCountedAndNotAllTold() {
    let text = "name: a\njobs:\n" + (0..<3000).map { "  j\($0): {name: '/', body: x, foo: y}\n" }.joined()
    let problems = F.problems(text)
    #expect(problems.count == FormatLimits().problems + 1)
    #expect(problems.last?.contains("more problems") ?? false)
  }

  @Test func textThatIsNotUTF8IsToldWithItsPlace() {
    do throws(FileProblems) {
      _ = try ProjectFile.parse(Array("name: a\nx".utf8) + [0xC3, 0x28], named: "p.yaml")
      Issue.record("read")
    } catch {
      #expect(error.description == "p.yaml:2:2: the file is not UTF-8 text")
    }
  }

  @Test func brokenJSONIsToldWithItsPlace() {
    #expect(F.problems("{\n  \"id\": }", named: "p.json") == ["p.json:2:9: a value is expected"])
    #expect(
      F.problems("[]", named: "p.json") == ["p.json: an object is expected, with the keys id, name and workflows"])
  }

  @Test func aByteOrderMarkIsNoPartOfAFile() throws {
    let file = try ProjectFile.parse([0xEF, 0xBB, 0xBF] + Array("name: a\njobs: {}".utf8), named: "p.yaml")
    #expect(file.specification.workflows.map(\.name) == ["a"])
  }

  @Test func aliasesStandForWhatTheyName() throws {
    let content = try F.imported("name: a\njobs: {x: &j {body: &b same}, y: {body: *b}, z: *j}").workflows[0].content
    #expect(content.jobs.map(\.body) == ["same", "same", "same"])
  }

  @Test func yamlMayBeWrittenAsJSON() throws {
    let text = "{\"name\": \"a\", \"jobs\": {\"x\": {\"body\": \"y\"}}}"
    #expect(
      try F.imported(F.parse(text, named: "w.json")).byNames == F.imported("name: a\njobs: {x: {body: y}}").byNames)
  }
}
