import Foundation
import TestSupport

/// A clock that jumps, for the process that preloads a small library in C; the machine's stays as it is.
enum FaultyClock {
  /// Where the process reads by how much its clock is wrong.
  static let file = TestPostgres.makeDirectory() + "/clock"

  /// Where the library is.
  static let library = FaultyLibrary.compile("FaultyClock")

  /// Has the clock be wrong by so many seconds from now on.
  static func jump(by seconds: Int) throws {
    try Data("\(seconds)\n".utf8).write(to: URL(fileURLWithPath: file))
  }
}
