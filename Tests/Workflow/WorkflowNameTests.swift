import Testing
import Workflow

@Suite struct WorkflowNameTests {
  @Test func aFreeNameStays() {
    #expect(WorkflowName.free("  Sync \n", taken: ["sync", "Sync 1"]) == "Sync")
  }

  @Test func noNameIsUntitled() {
    for name in ["", " \t", "\0"] { #expect(WorkflowName.free(name, taken: []) == "Untitled workflow") }
    #expect(WorkflowName.free("", taken: ["Untitled workflow"]) == "Untitled workflow 1")
  }

  @Test func aTakenNameGetsTheFirstFreeNumber() {
    #expect(WorkflowName.free("A", taken: ["A"]) == "A 1")
    #expect(WorkflowName.free("A", taken: ["A", "A 1", "A 3"]) == "A 2")
    #expect(WorkflowName.free("A 1", taken: ["A", "A 1"]) == "A 1 1")
  }

  @Test func aNameHasRoomInTheRows() {
    let long = String(repeating: "é", count: 300)
    #expect(WorkflowName.free(long, taken: []).unicodeScalars.count == 255)
    let taken = WorkflowName.free(long, taken: [])
    let other = WorkflowName.free(long, taken: [taken])
    #expect(other.unicodeScalars.count == 255 && other.hasSuffix("é 1"))
    #expect(taken.hasPrefix(WorkflowName.stem(of: long)) && other.hasPrefix(WorkflowName.stem(of: long)))
  }
}
