import ArgumentParser
import Glibc
import Rooms

/// `heddle replay`.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Show what a record has, and do it again.",
    discussion: """
      Each line is one thing that happened and what the room made of it. A room is made of the state with which the record \
      begins, and given the same events; what it does is compared with the record.

      Exit codes: 0 it came to the same bytes; 1 it did not, or the record cannot be read.
      """)

  @Argument(help: "The file that 'heddle record' wrote; - for standard input.", completion: .file())
  var file: String

  @Flag(help: "Say only whether it came to the same.")
  var quiet = false

  func run() throws {
    try failing {
      let record = try RoomRecord(parsing: try FileBytes.contents(of: file))
      show(record.header, record)
      guard record.keyframe != nil else {
        throw ReplayFailure(description: record.header.lacks ?? "nothing is recorded")
      }
      var replay = try RecordReplay(record)
      let clock = WallClock(record.header)
      replay.run { step, effects in
        guard !quiet, let line = step.line(effects) else { return }
        announce("\(clock.text(step.at))  #\(step.number)  \(line)")
      }
      if let difference = record.header.difference {
        announce("On the server, before it was redacted, a replay did not come to the same: \(difference)")
      }
      guard let difference = replay.difference else {
        return announce("\(record.steps.count) steps came to the same bytes")
      }
      throw ReplayFailure(description: "the replay does not come to the same: \(difference)")
    }
  }

  private func show(_ header: RoomRecord.Header, _ record: RoomRecord) {
    guard !quiet else { return }
    announce(
      "\(header.document), taken out at \(header.exportedAt), "
        + (header.isRedacted ? "texts and names replaced" : "with its content"))
    if let fault = header.fault { announce("The room ended by a fault: \(fault)") }
    if let first = record.steps.first, first.number > 1 { announce("\(first.number - 1) earlier steps are not kept") }
  }
}

/// Why a replay is no success.
private struct ReplayFailure: Error, CustomStringConvertible {
  let description: String
}

/// What a clock on the wall showed when the room's clock showed something.
private struct WallClock {
  private let offset: Int64

  init(_ header: RoomRecord.Header) {
    let numbers = header.exportedAt.split { !$0.isNumber }.compactMap { Int32($0) }
    // A year of more digits is of no server, and its milliseconds may be more than a number holds.
    guard numbers.count == 6, numbers[0] < 10_000 else {
      offset = 0
      return
    }
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (max(0, numbers[0] - 1900), numbers[1] - 1, numbers[2])
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[3], numbers[4], numbers[5])
    offset = Int64(timegm(&parts)) * 1000 - header.clock
  }

  func text(_ at: Milliseconds) -> String {
    let time = max(0, at + offset)
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let seconds = time / 1000
    let thousandths = String(time % 1000 + 1000).dropFirst()
    return "\(two(seconds / 3600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60)).\(thousandths)"
  }
}
