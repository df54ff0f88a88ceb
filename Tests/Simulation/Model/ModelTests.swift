import Foundation
import Testing

/// A small system in every order in which things can happen. Nothing is random: the same worlds are found each time.
///
/// `HEDDLE_TEST_LONG=1` makes the system larger, `make model` more so.
@Suite struct ModelTests {
  private static func isSet(_ name: String) -> Bool { ProcessInfo.processInfo.environment[name] != nil }
  private static let isFull = isSet("HEDDLE_MODEL_FULL")
  private static let isLong = isFull || isSet("HEDDLE_TEST_LONG")

  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let size: Model.Size
    var testDescription: String { name }

    init(_ name: String, _ size: Model.Size) {
      self.name = name
      self.size = size
    }
  }

  private static var cases: [Case] {
    let usual = [
      Case("a crash", Model.Size(crashes: 1)),
      Case("a lost answer", Model.Size(silences: 1)),
      Case("a lost and a repeated notification", Model.Size(losses: 1, repetitions: 1)),
      Case("two nodes, an import and a save", Model.Size(nodes: 2, members: 0)),
      Case("two nodes, an edit and a save", Model.Size(nodes: 2, imports: 0)),
      Case("two nodes, an edit and an import", Model.Size(nodes: 2, saves: 0)),
    ]
    let long = [
      Case("a crash, with checkpoints", Model.Size(crashes: 1, checkpointUpdates: 2)),
      Case("two crashes", Model.Size(crashes: 2)),
      Case("two members", Model.Size(members: 2)),
      Case("two imports and two saves", Model.Size(imports: 2, saves: 2)),
      Case("two edits and two imports, a crash", Model.Size(edits: 2, imports: 2, saves: 0, crashes: 1)),
      Case("a crash and a lost answer", Model.Size(crashes: 1, silences: 1)),
      Case("two nodes, an edit and a save, a crash", Model.Size(nodes: 2, imports: 0, crashes: 1)),
      Case("two nodes, an import and a save, a crash", Model.Size(nodes: 2, members: 0, crashes: 1)),
      Case("two nodes, an edit and an import, a lost answer", Model.Size(nodes: 2, saves: 0, silences: 1)),
      Case("two nodes, lost and repeated notifications", Model.Size(nodes: 2, members: 0, losses: 2, repetitions: 1)),
    ]
    let full = [Case("two nodes, an edit, an import and a save", Model.Size(nodes: 2))]
    return usual + (isLong ? long : []) + (isFull ? full : [])
  }

  @Test(arguments: cases)
  func g03_g13_g15_nothingIsOverwrittenLostOrDoneTwiceInAnyOrder(_ example: Case) {
    let model = Model(example.size)
    let start = ContinuousClock.now
    let report = Search.run(model)
    print(
      """
      \(example.name): \(report.worlds) worlds, \(report.steps) steps, \
      \(report.interleavings.formatted(.number.notation(.scientific).precision(.significantDigits(3)))) interleavings of up \
      to \(report.longest) steps, \(report.ends) ends; \(model.rooms.states.count) states of rooms, \
      \(model.stores.states.count) of the store; \(ContinuousClock.now - start)
      """)
    #expect(report.violation == nil, "\(report.violation?.texts ?? []) after \(report.violation?.trace ?? [])")
    #expect(!report.isCutShort && report.ends > 0)
    #expect(report.loops == 0, "the interleavings cannot be counted")
  }

  /// The checks are worth something only if they can fail.
  @Test(arguments: ModelFault.allCases)
  func aPlantedFaultIsFound(_ fault: ModelFault) throws {
    let report = Search.run(Model(fault.size, fault: fault), limit: 200_000)
    let violation = try #require(report.violation, "\(report.worlds) worlds did not show \(fault)")
    print("\(fault) is found in world \(report.worlds), after \(violation.trace.count) steps: \(violation.texts[0])")
  }
}

extension ModelFault {
  /// What has to happen for the fault to do harm.
  fileprivate var size: Model.Size {
    switch self {
    case .commitWithoutCompareAndSet: Model.Size(nodes: 2, saves: 0)
    case .saveWithoutCompareAndSet, .acknowledgesTooEarly, .broadcastsBeforeCommit: Model.Size()
    case .baseBeforeUpdate: Model.Size(crashes: 1)
    case .updateBeforeBase: Model.Size(saves: 0, crashes: 1)
    case .noPoll: Model.Size(losses: 1)
    case .takesSilenceForSuccess: Model.Size(silences: 1)
    }
  }
}
