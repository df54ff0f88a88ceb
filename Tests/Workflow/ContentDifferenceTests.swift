import TestSupport
import Testing
import Workflow

/// Differences bring one content to another exactly: order, spelling and all.
@Suite struct ContentDifferenceTests {
  @Test func whatIsAppliedIsTheOtherContent() throws {
    for seed in UInt64(1)...200 {
      var generator = WorkflowGenerator(seed: seed, isOdd: seed % 2 == 0)
      let old = generator.workflow()
      var new = generator.chance(30) ? generator.workflow() : old
      new.id = old.id
      if generator.chance(50), !new.jobs.isEmpty { new.jobs[0].body += "more();" }
      if generator.chance(30) { new.jobs.shuffle(using: &generator.random) }
      if generator.chance(30) { new.edges = new.edges.dropLast() }
      if generator.chance(30) { new.positions = nil }
      if generator.chance(30) { new.concurrency = nil }
      guard let difference = old.difference(to: new) else {
        #expect(old == new, "seed \(seed)")
        continue
      }
      let stored = try JSONValue(parsing: difference.serialized())
      #expect(old.applying(stored) == new, "seed \(seed): \(difference.text)")
    }
  }

  @Test func aSmallChangeIsASmallDifference() throws {
    let jobs = (0..<500).map { Job(id: "\($0)", name: "Job \($0)", body: String(repeating: "x", count: 2000)) }
    let old = WorkflowContent(id: "w", name: "W", jobs: jobs)
    var new = old
    new.jobs[77].name = "Renamed"
    let difference = try #require(old.difference(to: new))
    #expect(difference.serialized().count < 2300)
    #expect(old.difference(to: old) == nil)
  }

  @Test func whatIsNotOneIsRefused() {
    let content = WorkflowContent(id: "w", name: "W", jobs: [Job(id: "a")])
    #expect(content.applying("x") == nil)
    #expect(content.applying(["jobs": ["changed": [["name": "no id"]]]]) == nil)
    #expect(content.applying(["jobs": ["changed": [], "ids": ["b"]]]) == nil)
  }
}
