import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// Who watches the event loop, with a loop that the test plays.
@Suite(.timeLimit(.minutes(1))) struct WatchdogTests {
  private struct Seen: Sendable {
    var alive = 0
    var stuck = 0
    var asked = 0
  }

  /// - Parameter answers: Whether the loop answers the question of this number.
  private func watch(
    timeout: Duration, _ seen: Watched<Seen>, runs: Bool = true, answers: @escaping @Sendable (Int) -> Bool
  ) -> Watchdog {
    Watchdog(
      timeout: timeout, interval: .milliseconds(5),
      ask: { answer in
        let number = seen.update { seen in
          seen.asked += 1
          return seen.asked
        }
        guard runs else { return false }
        if answers(number) { answer() }
        return true
      },
      alive: { seen.update { $0.alive += 1 } }, stuck: { seen.update { $0.stuck += 1 } })
  }

  @Test func aLoopThatTurnsIsLeftAlone() async throws {
    let seen = Watched(Seen())
    let watchdog = watch(timeout: .milliseconds(5), seen) { _ in true }
    _ = try await seen.wait(for: "signs of life") { $0.alive >= 20 ? true : nil }
    watchdog.stop()
    #expect(seen.current.stuck == 0)
  }

  @Test func aLoopThatStandsStillIsFoundOnceAndNoSignOfLifeIsGiven() async throws {
    let seen = Watched(Seen())
    let watchdog = watch(timeout: .milliseconds(50), seen) { $0 <= 3 }
    _ = try await seen.wait(for: "the end") { $0.stuck > 0 ? true : nil }
    watchdog.stop()
    #expect(seen.current.stuck == 1)
    // Three answers, and the first round, which has nothing to wait for.
    #expect(seen.current.alive == 4)
    #expect(seen.current.asked == 4)
  }

  @Test func aServerThatHasEndedIsNotStuck() async throws {
    let seen = Watched(Seen())
    let watchdog = watch(timeout: .milliseconds(5), seen, runs: false) { _ in false }
    _ = try await seen.wait(for: "rounds") { $0.asked >= 20 ? true : nil }
    watchdog.stop()
    #expect(seen.current.stuck == 0)
  }

  @Test func withoutALimitNothingIsStuck() async throws {
    let seen = Watched(Seen())
    let late = Watched<(@Sendable () -> Void)?>(nil)
    let watchdog = Watchdog(
      timeout: .zero, interval: .milliseconds(5),
      ask: { answer in
        late.update { $0 = answer }
        return true
      },
      alive: { seen.update { $0.alive += 1 } }, stuck: { seen.update { $0.stuck += 1 } })
    for round in 1...3 {
      let answer = try await late.wait(for: "question \(round)") { $0 }
      late.update { $0 = nil }
      answer()
    }
    watchdog.stop()
    #expect(seen.current.stuck == 0 && seen.current.alive >= 3)
  }
}
