import Storage
import TestSupport
import Testing
import Workflow
import YCRDT

/// Whoever has a workflow open is told of a save once, with all that is saved now.
@Suite struct SavedEventTests {
  private func savedEvents(_ tab: Tab) -> [JSONValue] { tab.events.filter { $0["type"] == "saved" } }

  @Test func everybodyIsToldOnceOfWhatIsSaved() throws {
    let site = try Site()
    let tabs = try (1...3).map { try Tab(site, clientID: 900_000_000 + $0) }
    for tab in tabs.dropFirst() { try tab.subscribe() }
    try tabs[0].edit { doc in
      try doc.map("workflow").set("concurrency", 4)
      try doc.map("workflow").set("enable_job_logs", false)
      try doc.map("positions").set(SampleProject.jobs[1], ["x": 5, "y": 6])
    }
    try tabs[0].settle()
    let reply = try site.save()
    // A second save changes nothing, and tells nobody.
    #expect(try site.save() == reply)
    for tab in tabs.dropFirst() {
      let event = try tab.event("saved")
      #expect(event["lock_version"] == 1 && event["dirty"] == false)
      #expect(event["workflow"] == reply["workflow"], "as whoever saved got it")
      for key in ["concurrency", "enable_job_logs", "positions", "lock_version", "deleted_at", "jobs", "triggers"] {
        #expect(event["workflow"]?[key] != nil, "\(key)")
      }
      #expect(event["workflow"]?["positions"]?[SampleProject.jobs[1]] == ["x": 5, "y": 6])
      try tab.settle()
      #expect(savedEvents(tab).count == 1)
    }
    #expect(tabs[0].events.isEmpty, "who did not ask for events gets none")
  }

  @Test func whatIsOverTheLimitIsSwitchedOffForEverybody() throws {
    let site = try Site(change: { $0.activationLimit = MaximumActiveWorkflows(1) })
    let made = try site.post("/api/projects/\(SampleProject.id)/workflows", ["name": "Second"], expecting: 201)
    let id = try #require(made["data"]?["id"]?.string)
    let tabs = try [Tab(site, workflow: id), Tab(site, clientID: 900_000_002, workflow: id)]
    let trigger = SampleWorkflow.id()
    try tabs[0].edit { try WorkflowDocument.append(Trigger(id: trigger, type: "webhook", enabled: true), to: $0) }
    try tabs[0].settle()
    let saved = try site.save(id)
    #expect(saved["workflow"]?["triggers"]?.array?.first?["enabled"] == false)
    for tab in tabs { try tab.wait { _ in tab.trigger(trigger)?["enabled"]?.value == .bool(false) } }
    // Once it is there, it is a refusal.
    try tabs[0].edit { _ in try tabs[0].trigger(trigger)?.set("enabled", true) }
    try tabs[0].settle()
    let refusal = try site.post("/api/workflows/\(id)/save", expecting: 422)
    #expect(refusal["type"] == "limit_error")
    #expect(
      refusal["errors"]?["base"]
        == ["1 workflows of this project are active, and at most 1 may be: switch another one off"])
    #expect(JSONValue(tabs[0].doc.map("errors").json) == [:])
    let tab = try Tab(site, clientID: 900_000_003)
    try tab.edit { _ in try tab.trigger(SampleProject.trigger)?.set("enabled", false) }
    try tab.settle()
    try site.save()
    #expect(try site.save(id)["workflow"]?["triggers"]?.array?.first?["enabled"] == true)
  }
}
