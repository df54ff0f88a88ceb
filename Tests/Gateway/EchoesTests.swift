import Testing
import YCRDT
import YProtocol

@testable import Gateway

/// Edits that go back to who made them once they are stored.
@Suite struct EchoesTests {
  /// The question that goes with an edit.
  private func question(_ messages: [Message]) throws -> Message {
    guard case .syncStatus? = messages.last else { throw TestFailure() }
    return try #require(messages.last)
  }

  private struct TestFailure: Error {}

  @Test func editsAndAnswersComeInOrderAndOneAnswerStandsForThoseBeforeIt() throws {
    var echoes = Echoes(maximumBytes: 1000)
    let first = try question(echoes.received(.update([1]), mayEdit: true))
    let own = try question(echoes.received(.syncStatus([7, 8]), mayEdit: true))
    let second = try question(echoes.received(.update([2]), mayEdit: true))
    #expect(echoes.sent(first) == [.update([1])])
    #expect(echoes.sent(second) == [.syncStatus([7, 8]), .update([2])])
    #expect(echoes.sent(own) == [] && echoes.sent(second) == [])
  }

  @Test func aReadersEditsDoNotComeBack() {
    var echoes = Echoes(maximumBytes: 1000)
    #expect(echoes.received(.update([1]), mayEdit: false) == [.update([1])])
    #expect(echoes.received(.syncStep2([1]), mayEdit: false) == [.syncStep2([1])])
    let question = echoes.received(.syncStatus([0, 1]), mayEdit: false)
    #expect(question.flatMap { echoes.sent($0) } == [.syncStatus([0, 1])])
    #expect(!echoes.isTooMuch)
  }

  @Test func whatIsStoredAlreadyComesBackAndGoesNowhere() throws {
    let doc = Doc()
    try doc.transact { try doc.text("t").append("stored") }
    let known = doc.stateVector
    try doc.transact { try doc.text("t").append(" and new") }
    var echoes = Echoes(maximumBytes: 1000)
    #expect(echoes.sent(.syncStep1(known.encoded())) == [.syncStep1(StateVector().encoded())])
    let all = doc.encodeStateAsUpdate()
    let messages = echoes.received(.syncStep2(all), mayEdit: true)
    #expect(messages.first == .syncStep2(doc.encodeStateAsUpdate(since: known)))
    #expect(echoes.sent(try question(messages)) == [.update(all)])
    #expect(echoes.received(.syncStep2([0, 0]), mayEdit: true) == [.syncStep2([0, 0])])
  }

  @Test func whatWaitsIsCountedUntilItIsStored() throws {
    var echoes = Echoes(maximumBytes: 1000)
    let question = try question(echoes.received(.update(Array(repeating: 0, count: 900)), mayEdit: true))
    #expect(!echoes.isTooMuch)
    _ = echoes.received(.update(Array(repeating: 0, count: 100)), mayEdit: true)
    #expect(echoes.isTooMuch)
    _ = echoes.sent(question)
    #expect(!echoes.isTooMuch)
  }
}
