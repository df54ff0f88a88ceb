/// One state of the whole model. What is a number stands for a state of a part or for a signal; equal worlds are equal
/// in every bit that matters.
struct World: Hashable {
  struct Node: Hashable {
    var room: Int
    /// What the room wants written, in order, and read; and the answers on their way back.
    var writes: [Int] = []
    var reads: [Int] = []
    var answersToWrites: [Int] = []
    var answersToReads: [Int] = []
    /// Whether a notification is on its way.
    var isRowsHintUnderWay = false
    var isLogHintUnderWay = false

    /// Whether nothing is under way here.
    var isQuiet: Bool {
      writes.isEmpty && reads.isEmpty && answersToWrites.isEmpty && answersToReads.isEmpty && !isRowsHintUnderWay
        && !isLogHintUnderWay
    }
  }

  struct Member: Hashable {
    var replica: Int
    var isConnected = false
    /// What it sent and the node has not read yet, in order. The other way takes no time: an edit that a member makes
    /// before it has heard of something is the same as one that is long under way.
    var sent: [Int] = []
    var edits = 0
  }

  /// What can still go wrong, and what already went wrong for good.
  struct Luck: Hashable {
    var crashes: Int
    /// Answers that do not arrive.
    var silences: Int
    /// Notifications that are lost, and that come twice.
    var losses: Int
    var repetitions: Int
    var hasLostNotification = false
  }

  var store: Int
  var nodes: [Node]
  var members: [Member]
  var luck: Luck
  var imports = 0
  var saves = 0
}

/// One thing that can happen in a world.
enum Step: Hashable {
  case edit(Int)
  case connect(Int)
  case transmit(Int)
  case writeRows
  case save(Int)
  case hintRows(Int)
  case repeatRowsHint(Int)
  case loseRowsHint(Int)
  case hintLog(Int)
  case loseLogHint(Int)
  case write(Int)
  /// The store does it, but its answer gets lost.
  case writeInSilence(Int)
  case read(Int)
  case deliverWritten(Int)
  case deliverRead(Int)
  case tick(Int)
  case crash(Int)
}
