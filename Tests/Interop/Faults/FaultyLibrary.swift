import ChildProcesses
import Foundation
import TestSupport

/// A small library in C that a process preloads, so that what it asks the system for goes wrong.
enum FaultyLibrary {
  /// Compiles the file of this name in this folder. Returns where the library is.
  static func compile(_ name: String) -> String {
    let directory = TestPostgres.makeDirectory()
    // Also for Postgres, which runs as another user.
    try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(name + ".c").path
    let library = "\(directory)/\(name).so"
    let compiler = try? ChildProcess.run("clang", ["-shared", "-fPIC", "-O1", "-o", library, source])
    precondition(compiler?.exit == 0, "\(name).c does not compile: \(compiler?.errors ?? "there is no clang")")
    return library
  }
}
