import TestSupport
import Testing
import Workflow
import YCRDT

/// What an import document cannot say, but rows can.
extension ImportScenarioTests {
  /// Runs commands while `tab` has the document open, or after it has left; a tab that shows what came of it.
  private func run(_ sql: String, on site: Site, _ presence: Presence, past tab: Tab) throws -> Tab {
    try tab.settle()
    if presence == .cold {
      tab.close()
      try site.restart()
    }
    try site.database.run("\(sql); update workflows set lock_version = lock_version + 1")
    guard presence == .live else { return try Tab(site, clientID: 900_000_009) }
    let version = try site.rows().lockVersion
    try tab.wait { WorkflowDocument.lockVersion(of: $0) == version }
    return tab
  }

  @Test(arguments: Presence.allCases)
  func aNestedConfigurationFollowsTheRows(presence: Presence) throws {
    let site = try Site()
    try site.database.run(
      """
      update triggers set type = 'kafka', webhook_reply = null, kafka_configuration = '{"hosts": [["a", "9092"]],
        "topics": ["one"], "group_id": "g", "ssl": true, "connect_timeout": 30, "password": "secret"}'
      """)
    let first = try Tab(site)
    #expect(first.trigger(SampleProject.trigger)?["kafka_configuration"]?.map?["topics_string"]?.value == "one")
    let tab = try run(
      """
      update triggers set kafka_configuration = '{"hosts": [["a", "9092"], ["b", "9093"]],
        "topics": ["one", "two"], "group_id": "g", "ssl": false, "connect_timeout": 45, "password": "secret"}'
      """, on: site, presence, past: first)
    let configuration = try #require(tab.trigger(SampleProject.trigger)?["kafka_configuration"]?.map)
    #expect(configuration["hosts_string"]?.value == "a:9092, b:9093")
    #expect(configuration["topics_string"]?.value == "one, two")
    #expect(configuration["ssl"]?.value == .bool(false))
    #expect(configuration["group_id"]?.value == "g")
    #expect(configuration.contains("password") == false)
    #expect(try tab.content.triggers == site.rows().content.triggers)
    #expect(try site.isDirty() == false)
  }

  @Test(arguments: Presence.allCases)
  func positionsAndLimitsFollowTheRowsBesideAMovedNode(presence: Presence) throws {
    let site = try Site()
    let first = try Tab(site)
    try first.edit { try $0.map("positions").set(Self.load, ["x": 70, "y": 80]) }
    let tab = try run(
      """
      update workflows set concurrency = 4, enable_job_logs = false,
        positions = '{"\(Self.fetch)": {"x": 10, "y": 20}, "\(SampleProject.trigger)": {"x": 0, "y": 0}}'
      """, on: site, presence, past: first)
    let content = try tab.content
    #expect(content.concurrency == 4)
    #expect(content.enableJobLogs == false)
    #expect(content.positions?[Self.fetch] == ["x": 10, "y": 20])
    #expect(content.positions?[SampleProject.trigger] == ["x": 0, "y": 0])
    #expect(content.positions?[Self.load] == ["x": 70, "y": 80])
    #expect(try site.isDirty() == true)
  }

  @Test(arguments: Presence.allCases)
  func aCommandWithoutRaisingTheVersionArrivesAsWell(presence: Presence) throws {
    let site = try Site()
    var tab = try Tab(site)
    try tab.edit { _ in try tab.body(Self.fetch)?.append(" // mine") }
    try tab.settle()
    if presence == .cold {
      tab.close()
      try site.restart()
    }
    try site.database.run("update jobs set name = 'By hand' where id = '\(Self.fetch)'")
    if presence == .cold { tab = try Tab(site, clientID: 900_000_009) }
    try tab.wait { _ in try tab.content.jobs.contains { $0.name == "By hand" } }
    #expect(tab.body(Self.fetch)?.string == #"get("/patients") // mine"#)
    #expect(try tab.lockVersion == site.rows().lockVersion)
  }
}
