import Foundation
import TestSupport
import Testing
import Workflow

@testable import Storage

@Suite struct TraceTests {
  private static let sound = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

  @Test func aTraceIsContinued() throws {
    let trace = try #require(TraceParent(Self.sound))
    #expect(trace.description == Self.sound)
    #expect(trace.child.traceID == trace.traceID && trace.child.spanID != trace.spanID && trace.child.isSampled)
    #expect(TraceParent(Self.sound.dropLast() + "0")?.isSampled == false)
    #expect(TraceParent("01" + Self.sound.dropFirst(2) + "-what-is-to-come") != nil)
    for isSampled in [true, false] {
      let new = TraceParent(isSampled: isSampled)
      #expect(TraceParent(new.description) == new)
    }
  }

  @Test(arguments: [
    "", "00", sound.uppercased(), "ff" + sound.dropFirst(2), sound + "-more", String(sound.dropLast()),
    sound.replacing("0af7651916cd43dd8448eb211c80319c", with: String(repeating: "0", count: 32)),
    sound.replacing("b7ad6b7169203331", with: String(repeating: "0", count: 16)), sound.replacing("a", with: "g"),
    "01" + sound.dropFirst(2) + "-" + String(repeating: "x", count: 1000), sound.replacing("-", with: "_"),
  ])
  func whatIsNoneIsPassedOver(header: String) {
    #expect(TraceParent(header) == nil)
  }

  @Test func spansAreWrittenAndNeverWaitedFor() throws {
    let path = TestPostgres.makeDirectory() + "/traces"
    let log = try #require(TraceLog(path: path))
    let trace = TraceParent(isSampled: true)
    let count = 3 * TraceLog.capacity
    for number in 0..<count {
      log.record(
        Span(trace: trace.child, parent: trace.spanID, name: "\(number)", start: 1, end: 2, attributes: ["a": "\""]))
    }
    log.stop()
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    let resources = try lines.flatMap { try JSONValue(parsing: String($0))["resourceSpans"]?.array ?? [] }
    #expect(resources.allSatisfy { $0["resource"]?["attributes"] == Self.attributes(["service.name": "heddle"]) })
    let spans = resources.flatMap { $0["scopeSpans"]?.array ?? [] }.flatMap { $0["spans"]?.array ?? [] }
    #expect(spans.count + log.dropped == count && spans.count >= TraceLog.capacity)
    let first = try #require(spans.first)
    #expect(first["traceId"]?.string == trace.traceID && first["parentSpanId"]?.string == trace.spanID)
    #expect(first["kind"] == 1 && first["startTimeUnixNano"] == "1" && first["endTimeUnixNano"] == "2")
    #expect(first["attributes"] == Self.attributes(["a": "\""]))
    #expect(TraceLog(path: "/nowhere/traces") == nil)
  }

  /// As with a full disk: what cannot be written is counted, and what comes later is tried again.
  @Test func spansThatCannotBeWrittenAreCounted() throws {
    let log = try #require(TraceLog(path: "/dev/full"))
    let trace = TraceParent(isSampled: true)
    for number in 1...3 {
      log.record(Span(trace: trace.child, parent: nil, name: "\(number)", start: 1, end: 2, attributes: [:]))
      try until("\(number) are dropped") { log.dropped >= number }
      #expect(log.dropped == number)
    }
    log.stop()
  }

  private static func attributes(_ values: [String: String]) -> JSONValue {
    .array(values.map { ["key": .string($0.key), "value": ["stringValue": .string($0.value)]] })
  }
}
