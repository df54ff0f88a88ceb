import Testing
import Workflow

/// Patches of workflows: how elements are named, and what is refused where.
@Suite struct WorkflowPatchTests {
  private static let job = "00000000-0000-4000-8000-0000000000a1"
  private static let other = "00000000-0000-4000-8000-0000000000a2"
  private static let trigger = "00000000-0000-4000-8000-0000000000b1"
  private static let edge = "00000000-0000-4000-8000-0000000000c1"
  private static let new = "00000000-0000-4000-8000-0000000000d1"

  private let content = WorkflowContent(
    id: "00000000-0000-4000-8000-000000000001", name: "Sync",
    jobs: [Job(id: Self.job, name: "Fetch", body: "f()"), Job(id: Self.other, name: "Load", body: "g()")],
    triggers: [Trigger(id: Self.trigger)],
    edges: [Edge(id: Self.edge, sourceTriggerID: Self.trigger, targetJobID: Self.job)],
    positions: [Self.job: ["x": 1, "y": 2]])

  private func patched(_ text: String) throws -> WorkflowContent {
    let json = try JSONValue(parsing: text)
    let patch: WorkflowPatch = json.array == nil ? .merge(json) : .operations(try JSONPatch(json: json))
    return try patch.applied(to: content, lockVersion: 4, deletedAt: nil)
  }

  @Test func elementsAreNamedByPlaceOrByID() throws {
    for name in ["1", Self.other] {
      let result = try patched(
        """
        [{"op":"test","path":"/jobs/\(name)/name","value":"Load"},{"op":"replace","path":"/jobs/\(name)/name","value":"X"},
         {"op":"copy","from":"/jobs/\(name)/body","path":"/jobs/0/body"}]
        """)
      #expect(result.jobs.map(\.name) == ["Fetch", "X"] && result.jobs.map(\.body) == ["g()", "g()"])
    }
    let result = try patched(#"{"jobs":{"\#(Self.other)":{"name":"X"}}}"#)
    #expect(result.jobs.map(\.name) == ["Fetch", "X"] && result.jobs[1].body == "g()")
  }

  @Test func elementsComeAndGoByID() throws {
    for text in [
      #"[{"op":"add","path":"/jobs/\#(Self.new)","value":{"name":"N"}},{"op":"remove","path":"/jobs/\#(Self.other)"}]"#,
      #"[{"op":"add","path":"/jobs/-","value":{"id":"\#(Self.new)","name":"N"}},{"op":"remove","path":"/jobs/1"}]"#,
      #"{"jobs":{"\#(Self.new)":{"name":"N"},"\#(Self.other)":null}}"#,
    ] {
      let result = try patched(text)
      #expect(result.jobs == [content.jobs[0], Job(id: Self.new, name: "N")], "\(text)")
    }
  }

  @Test func anElementThatIsThereIsReplacedAsAMemberOfAnObjectIs() throws {
    let result = try patched(#"[{"op":"add","path":"/jobs/\#(Self.job)","value":{"name":"N"}}]"#)
    #expect(result.jobs.map(\.id) == [Self.job, Self.other] && result.jobs[0].name == "N" && result.jobs[0].body == "")
  }

  @Test func wholeListsAreTakenAsTheRFCSays() throws {
    let result = try patched(#"{"jobs":[{"id":"\#(Self.job)","name":"Only"}],"edges":[],"positions":null}"#)
    #expect(result.jobs == [Job(id: Self.job, name: "Only", adaptor: nil)])
    #expect(result.edges.isEmpty && result.positions == nil)
  }

  @Test func whatANewElementDoesNotSayIsAsByDefault() throws {
    let trigger = Self.new
    let result = try patched(#"{"triggers":{"\#(trigger)":{}}}"#)
    #expect(result.triggers.last == Trigger(id: trigger))
    let edge = #"{"source_job_id":"\#(Self.job)","target_job_id":"\#(Self.other)"}"#
    #expect(
      try patched(#"{"edges":{"\#(Self.new)":\#(edge)}}"#).edges.last
        == Edge(id: Self.new, sourceJobID: Self.job, targetJobID: Self.other))
  }

  /// Whether it can be saved is not asked.
  @Test func invalidValuesOfTheRightTypeAreTaken() throws {
    let result = try patched(#"{"name":"","concurrency":-3,"jobs":{"\#(Self.job)":{"name":"%%%","body":null}}}"#)
    #expect(result.name == "" && result.concurrency == -3)
    #expect(result.jobs[0].name == "%%%" && result.jobs[0].body == "")
  }

  @Test(arguments: [
    (#"{"nme":"x"}"#, "/nme"),
    (#"{"__proto__":{"a":1}}"#, "/__proto__"),
    (#"{"name":7}"#, "/name"),
    (#"{"concurrency":1.5}"#, "/concurrency"),
    (#"{"concurrency":1e300}"#, "/concurrency"),
    (#"{"enable_job_logs":"yes"}"#, "/enable_job_logs"),
    (#"{"jobs":null}"#, "/jobs"),
    (#"{"jobs":7}"#, "/jobs"),
    (#"{"jobs":[7]}"#, "/jobs/0"),
    (#"{"jobs":[{"name":"x"}]}"#, "/jobs/0/id"),
    (#"{"jobs":{"x":{"name":"x"}}}"#, "/jobs/2/id"),
    (#"{"jobs":{"00000000-0000-4000-8000-0000000000a1":7}}"#, "/jobs/00000000-0000-4000-8000-0000000000a1"),
    (#"{"jobs":{"00000000-0000-4000-8000-0000000000a1":{"id":"x"}}}"#, "/jobs/00000000-0000-4000-8000-0000000000a1/id"),
    (#"{"jobs":{"00000000-0000-4000-8000-0000000000a1":{"code":"x"}}}"#, "/jobs/0/code"),
    (#"{"id":"x"}"#, "/id"),
    (#"{"lock_version":5}"#, "/lock_version"),
    (#"{"lock_version":null}"#, "/lock_version"),
    (#"{"deleted_at":"2026-01-01T00:00:00Z"}"#, "/deleted_at"),
    (#"{"positions":{"a":{"x":1}}}"#, "/positions/a/y"),
    (#"{"positions":{"a":{"x":1,"y":2,"z":3}}}"#, "/positions/a/z"),
    (
      #"{"triggers":{"00000000-0000-4000-8000-0000000000b1":{"kafka_configuration":{"password":"p"}}}}"#,
      "/triggers/0/kafka_configuration/password"
    ),
    (
      #"{"edges":{"00000000-0000-4000-8000-0000000000c1":{"target_job_id":"00000000-0000-4000-8000-0000000000ff"}}}"#,
      "/edges/0/target_job_id"
    ),
    (#"{"edges":{"00000000-0000-4000-8000-0000000000c1":{"target_job_id":null}}}"#, "/edges/0"),
    (#"[{"op":"replace","path":"/id","value":"x"}]"#, "/id"),
    (#"[{"op":"remove","path":"/lock_version"}]"#, "/lock_version"),
    (#"[{"op":"replace","path":"/jobs/0/id","value":"x"}]"#, "/jobs/0/id"),
    (#"[{"op":"move","from":"/jobs/0/id","path":"/name"}]"#, "/jobs/0/id"),
    (#"[{"op":"copy","from":"/name","path":"/jobs/0/id"}]"#, "/jobs/0/id"),
    (#"[{"op":"replace","path":"/jobs/nobody/name","value":"x"}]"#, "/jobs/nobody/name"),
    (#"[{"op":"copy","from":"/jobs/0","path":"/jobs/-"}]"#, "/jobs/2/id"),
    (
      #"[{"op":"add","path":"/jobs/00000000-0000-4000-8000-0000000000d1","value":{"id":"x"}}]"#,
      "/jobs/00000000-0000-4000-8000-0000000000d1/id"
    ),
    (#"[{"op":"replace","path":"","value":{}}]"#, "/deleted_at"),
    (#"[{"op":"replace","path":"","value":[]}]"#, ""),
    (#"[{"op":"add","path":"/jobs/0/errors","value":[]}]"#, "/jobs/0/errors"),
  ])
  func whatADocumentCannotHoldIsRefusedByPlace(text: String, place: String) throws {
    let error = #expect(throws: PatchError.self) { try patched(text) }
    // The whole document without a member that only servers write: whichever is looked at first.
    if place == "/deleted_at", text.contains("value\":{}") {
      #expect(["/deleted_at", "/id", "/lock_version"].contains(error?.place ?? ""))
    } else {
      #expect(error?.place == place && error?.kind == .invalid, "\(String(describing: error))")
    }
  }

  @Test func edgesGoWithTheirEnds() throws {
    let result = try patched(#"{"jobs":{"\#(Self.job)":null}}"#)
    #expect(result.jobs.map(\.id) == [Self.other] && result.edges.isEmpty && result.positions?[Self.job] == nil)
    let kept = #"{"jobs":{"\#(Self.job)":null},"edges":{"\#(Self.edge)":{"condition_label":"x"}}}"#
    let error = #expect(throws: PatchError.self) { try patched(kept) }
    #expect(error?.place == "/edges/0/target_job_id")
  }

  @Test func versionsReadBackAsTheyAreWritten() {
    let version = DocumentVersion(incarnation: 3, sequence: 120, content: content, revision: 17)
    #expect(DocumentVersion("\(version)") == version)
    let plain = DocumentVersion(incarnation: 3, sequence: 120, content: content)
    #expect(DocumentVersion("\(plain)") == plain && plain != version && plain.isSameContent(as: version))
    for text in [
      "", "3", "3-120", "3-120-xyz", "3-120-0123456g", "-3-120-01234567", "3-120-01234567-", "3-120-01234567-1-2",
    ] {
      #expect(DocumentVersion(text) == nil, "\(text)")
    }
  }
}
