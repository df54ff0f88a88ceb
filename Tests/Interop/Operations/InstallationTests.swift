import Foundation
import TestSupport
import Testing

private let hasSystemd = FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze")

/// The unit for systemd and what a container consists of, as far as that can be tried here.
@Suite struct InstallationTests {
  private static let root = Repository.root

  /// Runs a program to its end; what it says on both of its outputs comes back.
  private static func run(_ arguments: [String]) async throws -> (exit: Int32, text: String) {
    let log = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: log) }
    let process = try LineProcess("/usr/bin/env", arguments, standardError: log)
    let exit = try await process.waitForExit(limit: .seconds(120))
    let lines = try await process.progress.wait(for: "the end of its output") { $0.isAtEnd ? $0.lines : nil }
    return (exit, lines.joined(separator: "\n") + (try String(contentsOf: log, encoding: .utf8)))
  }

  /// With the program where it is here in place of where it is installed.
  @Test(.enabled(if: hasSystemd)) func theUnitIsOneThatSystemdTakes() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("units-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let unit = folder.appendingPathComponent("heddle.service")
    let text = try String(contentsOf: Self.root.appendingPathComponent("Operations/heddle.service"), encoding: .utf8)
    let start = "ExecStart=\(HeddleServer.executable) "
    try #require(text.contains("ExecStart=/usr/bin/heddle "))
    try text.replacingOccurrences(of: "ExecStart=/usr/bin/heddle ", with: start)
      .write(to: unit, atomically: true, encoding: .utf8)
    let verified = try await Self.run(["systemd-analyze", "verify", "--man=no", unit.path])
    #expect(verified.exit == 0 && !verified.text.contains("heddle.service"), "\(verified)")
    // Of ten, the less the better; what is left is that it has the network.
    let security = try await Self.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", unit.path])
    #expect(security.exit == 0, "\(security)")
  }

  /// Gathered from this machine it runs with nothing else around it, and so do git and curl: the script sees to that itself.
  @Test(
    .enabled(if: getuid() == 0, "chroot wants root"),
    .disabled(if: Sanitizer.isOn, "what it is made of is no server to ship"))
  func aContainerLacksNothing() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("container-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let gathered = try await Self.run([
      "BINARY=\(HeddleServer.executable)", "FOLDER=\(folder.path)", "BUILDER=none",
      Self.root.appendingPathComponent("Scripts/container").path,
    ])
    #expect(gathered.exit == 0 && gathered.text.contains("git version"), "\(gathered)")
    // It gets as far as the database, which is not there. Like in a container there is a /proc.
    let inside = [
      "unshare", "--mount", "sh", "-c", "mount -t proc proc \"$0/proc\" && exec chroot \"$0\" \"$@\"",
      folder.appendingPathComponent("root").path,
    ]
    let started = try await Self.run(inside + ["/usr/bin/heddle", "serve", "--database-url", "host=127.0.0.1 port=1"])
    #expect(started.exit == 1 && started.text.contains("onnection refused"), "\(started)")
    try await Self.expectService(in: folder.appendingPathComponent("root").path)
    // What the image is made of is what the file of it copies, and its settings are flags.
    let file = try String(contentsOf: Self.root.appendingPathComponent("Operations/Containerfile"), encoding: .utf8)
    #expect(file.contains("COPY root/ /\n"))
    for path in ["/usr/bin/curl", "/etc/ssl/certs/ca-certificates.crt", "/var/lib/heddle", "/usr/bin/heddle"] {
      #expect(file.contains(path))
      #expect(FileManager.default.fileExists(atPath: folder.path + "/root" + path), "\(path)")
    }
  }

  /// libwebsockets would crash there.
  @Test(.enabled(if: getuid() == 0, "mount wants root"))
  func withoutARandomDeviceItSaysSo() async throws {
    let started = try await Self.run([
      "unshare", "--mount", "sh", "-c", "mount -t tmpfs none /dev && exec \"$@\"", "sh",
      HeddleServer.executable, "serve", "--database-url", try TestPostgres.makeDatabase(), "--listen", "127.0.0.1:0",
    ])
    #expect(started.exit == 1 && started.text.contains("/dev/urandom"), "\(started)")
  }

  /// What is at `root`, with nothing else around it, serves, is well as its health check asks, and ends when it is told to.
  private static func expectService(in root: String) async throws {
    let database = try TestPostgres.makeDatabase()
    // It has its place between quotation marks.
    let place = database.split(separator: "'").dropFirst().first.map(String.init)
    let log = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: log) }
    let enter = """
      mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mkdir -p "$0$1" && mount --bind "$1" "$0$1" && shift && exec chroot "$0" "$@"
      """
    let process = try LineProcess(
      "/usr/bin/env",
      [
        "unshare", "--mount", "sh", "-c", enter, root, try #require(place), "/usr/bin/heddle", "serve",
        "--database-url", database, "--listen", "127.0.0.1:0",
      ], standardError: log)
    let address = try? await process.progress.wait(for: "the address of the server", limit: .seconds(60)) {
      progress -> String? in
      let words = progress.lines.lazy.compactMap { $0.split(separator: " ").last.map(String.init) }
      return words.first { $0.hasPrefix("http://") }
    }
    let said = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    let found = try #require(address, "\(said)")
    let check = try await run(["chroot", root, "/usr/bin/curl", "-fsS", found + "/healthz"])
    #expect(check.exit == 0, "\(check) \(said)")
    process.signal(SIGTERM)
    #expect(try await process.waitForExit(limit: .seconds(60)) == 0, "\(said)")
  }
}
