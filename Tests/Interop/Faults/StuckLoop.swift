import Foundation
import TestSupport

/// An event loop that stands still, in a process that preloads a small library in C.
enum StuckLoop {
  private static let library = FaultyLibrary.compile("StuckLoop")

  /// How it stands still.
  enum Way: String, CaseIterable, Sendable {
    case waits, spins
  }

  /// What is said in the shell before the process starts; its loop sticks as soon as there is something at `file`.
  static func shell(_ file: URL, _ way: Way = .waits) -> String {
    "export LD_PRELOAD=\(library)${LD_PRELOAD:+:$LD_PRELOAD} STUCK_LOOP=\(file.path)"
      + (way == .spins ? " STUCK_LOOP_SPINS=1" : "")
  }
}
