import ChildProcesses
import Foundation
import Glibc
import TestSupport

/// A disk for a Postgres that fills up, or whose writes fail.
final class FaultyDisk: Sendable {
  enum Failure {
    /// No space is left: every byte of it is taken. Only root may make such a disk; for others writes fail as if it were so.
    case full
    /// What is written does not reach the disk, and that is said.
    case unsynced
  }

  /// Where the cluster is.
  let directory: String
  /// Postgres, with a library between it and the disk.
  let binaries: String
  /// What the library is told.
  private let orders: String
  private let isOwnDisk: Bool

  private static let size = 200 << 20

  init() throws {
    let template = TestPostgres.makeClusterDirectory()
    directory = TestPostgres.makeDirectory()
    isOwnDisk = Self.run("mount", "-t", "tmpfs", "-o", "size=\(Self.size)", "heddle-test", directory) == 0
    Self.run("cp", "-a", template + "/.", directory)
    binaries = TestPostgres.makeDirectory()
    orders = binaries + "/orders"
    try makeBinaries()
  }

  private static let library = FaultyLibrary.compile("FaultyDisk")

  private func makeBinaries() throws {
    let found = (15...18).reversed().map { "/usr/lib/postgresql/\($0)/bin" }
    let original = found.first { access($0 + "/postgres", X_OK) == 0 } ?? "/usr/bin"
    let script = "#!/bin/sh\nLD_PRELOAD=\(Self.library) FAULTY_DISK=\(orders) exec \(original)/postgres \"$@\"\n"
    try Data(script.utf8).write(to: URL(fileURLWithPath: binaries + "/postgres"))
    symlink(original + "/initdb", binaries + "/initdb")
    chmod(binaries + "/postgres", 0o755)
    chmod(binaries, 0o755)
  }

  /// Fails from now on.
  func fail(_ failure: Failure) throws {
    switch failure {
    case .full where isOwnDisk: fill()
    case .full: try order("pwrite \(ENOSPC)")
    case .unsynced: try order("sync \(EIO)")
    }
  }

  func mend() {
    unlink(directory + "/ballast")
    unlink(orders)
  }

  private func order(_ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: orders))
    chmod(orders, 0o644)
  }

  private func fill() {
    Self.run("dd", "if=/dev/zero", "of=\(directory)/ballast", "bs=64k")
  }

  func remove() {
    if isOwnDisk { Self.run("umount", "-l", directory) }
  }

  @discardableResult
  private static func run(_ program: String, _ arguments: String...) -> Int32 {
    (try? ChildProcess(program, arguments, output: .nothing, errors: .nothing))?.waitForExit() ?? -1
  }
}
