/// Short answers to one client, which have to arrive also where its connection lags: they wait until it takes frames again.
struct AnswerQueue {
  /// What may wait, in bytes.
  private let maximumBytes: Int
  private var waiting: [(bytes: [UInt8], kind: Frame.Kind)] = []
  private var waitingBytes = 0
  /// What an answer that waits takes beside its bytes, about.
  private static let overhead = 64

  init(maximumBytes: Int) {
    self.maximumBytes = maximumBytes
  }

  mutating func send(_ bytes: [UInt8], _ kind: Frame.Kind = .binary, to connection: Connection) {
    guard connection.isLagging else {
      connection.send(Frame(bytes, kind))
      return
    }
    waiting.append((bytes, kind))
    waitingBytes += bytes.count + Self.overhead
    if waitingBytes > maximumBytes {
      connection.close(.tryAgainLater, reason: "it asks and does not read the answers")
    }
  }

  mutating func caughtUp(_ connection: Connection) {
    let answers = waiting
    (waiting, waitingBytes) = ([], 0)
    for answer in answers { connection.send(Frame(answer.bytes, answer.kind)) }
  }
}
