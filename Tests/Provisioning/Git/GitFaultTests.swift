import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Provisioning

@Suite("What goes wrong with git is told, and leaves nothing half", .serialized)
struct GitFaultTests {
  private static let ada = GitPerson(name: "Ada", email: "ada@example.com")

  /// A text that can hardly be compressed, so that a pack takes a while.
  private func noise(_ count: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    let words = (0...(count / 8)).map { _ in UInt64.random(in: 0 ... .max, using: &generator) }
    return String(words.withUnsafeBytes { Data($0).base64EncodedString() }.prefix(count))
  }

  private func expectNothingHalf(_ copy: GitRepository, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let files = FileManager.default.enumerator(atPath: copy.folder.path)?.allObjects.compactMap { $0 as? String } ?? []
    let half = files.filter { $0.hasSuffix(".lock") || $0.contains("tmp_") || $0 == "busy" || $0 == "damaged" }
    #expect(half.isEmpty, sourceLocation: sourceLocation)
  }

  @Test("git killed in the middle of a fetch", .timeLimit(.minutes(1)))
  func killedFetch() throws {
    let site = try GitSite()
    let id = try site.commit(["a.txt": noise(300_000)])
    let stage = try StalledRemote(site, "upload-pack", afterBytes: 100_000)
    let copy = try site.copy(url: "ssh://somewhere\(site.remote)", environment: stage.environment)
    let fetch = InBackground { _ = try copy.fetch("main") }
    let group = try stage.waitUntilStalled()
    #expect(kill(-group, SIGKILL) == 0)
    #expect(fetch.error()?.kind == .killed)
    try expectNothingHalf(copy)
    let again = try site.copy(url: site.remote)
    #expect(try again.fetch("main").id == id)
    #expect(try again.tree(at: id).contents(of: "a.txt").count == 300_000)
  }

  @Test("git killed in the middle of a push", .timeLimit(.minutes(1)))
  func killedPush() throws {
    let site = try GitSite()
    let first = try site.commit(["a.txt": "one"])
    let copy = try site.copy()
    _ = try copy.fetch("main")
    let ours = try copy.commit(
      files: ["b.txt": Array(noise(300_000).utf8)], onto: first, author: Self.ada, message: "ours")
    let stage = try StalledRemote(site, "receive-pack", afterBytes: 100_000)
    let away = try site.copy(url: "ssh://somewhere\(site.remote)", environment: stage.environment)
    let push = InBackground { try away.push(ours, to: "main") }
    let group = try stage.waitUntilStalled()
    #expect(kill(-group, SIGKILL) == 0)
    #expect(push.error()?.kind == .killed)
    try expectNothingHalf(copy)
    #expect(try site.head() == first)
    try copy.push(ours, to: "main")
    #expect(try site.head() == ours)
    try site.git(["fsck", "--full", "--strict"])
  }

  @Test("a remote that hangs is left after a time, with all that git had started", .timeLimit(.minutes(1)))
  func hangs() throws {
    let site = try GitSite()
    try site.commit(["a.txt": noise(300_000)])
    let stage = try StalledRemote(site, "upload-pack", afterBytes: 0)
    let copy = try site.copy(
      url: "ssh://somewhere\(site.remote)",
      limits: GitLimits(transferTimeout: .seconds(1), terminationGrace: .milliseconds(100)),
      environment: stage.environment)
    let error = try gitError { _ = try copy.fetch("main") }
    #expect(error.kind == .timedOut)
    #expect(error.message == "git was stopped after 1 s")
    let group = try stage.waitUntilStalled()
    try waitForEnd(ofGroup: group)
    try expectNothingHalf(copy)
  }

  @Test("a server that ends ends git", .timeLimit(.minutes(1)))
  func stopped() throws {
    let site = try GitSite()
    try site.commit(["a.txt": noise(300_000)])
    let stage = try StalledRemote(site, "upload-pack", afterBytes: 100_000)
    let processes = GitProcesses()
    let copy = try site.copy(
      url: "ssh://somewhere\(site.remote)", limits: GitLimits(terminationGrace: .milliseconds(100)),
      processes: processes, environment: stage.environment)
    let fetch = InBackground { _ = try copy.fetch("main") }
    let group = try stage.waitUntilStalled()
    processes.stop()
    #expect(fetch.error()?.kind == .stopped)
    try waitForEnd(ofGroup: group)
    #expect(try gitError { _ = try copy.fetch("main") }.kind == .stopped)
  }

  @Test("a repository that is too large is not fetched")
  func tooLarge() throws {
    let site = try GitSite()
    try site.commit(["a.txt": noise(600_000), "b.txt": noise(600_000)])
    let copy = try site.copy(limits: GitLimits(maximumCopyBytes: 500_000))
    let error = try gitError { _ = try copy.fetch("main") }
    #expect(error.kind == .tooLarge)
    #expect(error.message.contains("500000 bytes"))
    try expectNothingHalf(copy)
    let larger = try site.copy(limits: GitLimits(maximumCopyBytes: 2_000_000))
    #expect(try larger.fetch("main").id == site.head())
  }

  @Test("what was rewritten does not count to what a copy may have")
  func rewritten() throws {
    let site = try GitSite()
    let first = try site.commit(["a.txt": "one"])
    let copy = try site.copy(limits: GitLimits(maximumCopyBytes: 1_000_000))
    for _ in 0..<4 {
      let id = try site.commit(["a.txt": noise(800_000)], onto: "\(first)")
      #expect(try copy.fetch("main").id == id)
    }
    #expect(copy.folder.packBytes < 1_000_000)
  }

  @Test("a disk that is full, as a limit on files makes it")
  func full() throws {
    let site = try GitSite()
    let id = try site.commit(["a.txt": noise(600_000)])
    try site.run("mkdir", ["bin"], in: site.folder)
    // A file may have 64 KiB; instead of a signal there is an error.
    _ = try site.script("bin/git", "trap '' XFSZ\nulimit -f 128\nexec /usr/bin/git \"$@\"")
    let copy = try site.copy(environment: ["PATH": "\(site.folder)/bin:/usr/bin:/bin"])
    let error = try gitError { _ = try copy.fetch("main") }
    #expect(error.kind == .diskFull, "\(error)")
    try expectNothingHalf(copy)
    #expect(try site.copy().fetch("main").id == id)
  }

  @Test("a disk that is full", .enabled(if: SmallDisk.isPossible, "only root may mount a small file system"))
  func fullDisk() throws {
    let site = try GitSite()
    let id = try site.commit(["a.txt": noise(1_500_000)])
    let disk = try SmallDisk(site, bytes: 1 << 20)
    let copy = GitRepository(url: try GitURL(site.remote), folder: "\(disk.path)/copy")
    let error = try gitError { _ = try copy.fetch("main") }
    #expect(error.kind == .diskFull, "\(error)")
    try expectNothingHalf(copy)
    try disk.resize(bytes: 16 << 20)
    #expect(try copy.fetch("main").id == id)
    try disk.resize(bytes: 3 << 19)
    let file = Array(noise(1_500_000).utf8)
    let commit = try gitError { _ = try copy.commit(files: ["b": file], onto: id, author: Self.ada, message: "b") }
    #expect(commit.kind == .diskFull, "\(commit)")
    try expectNothingHalf(copy)
  }

  @Test("what a killed server has left is taken away: locks, halves, a mark")
  func leftovers() throws {
    let site = try GitSite()
    try site.commit(["a.txt": "one"])
    let copy = try site.copy()
    _ = try copy.fetch("main")
    let git = copy.folder.copy
    let left = [
      "\(git)/refs/heddle/branches/main.lock", "\(git)/packed-refs.lock", "\(git)/config.lock", "\(git)/HEAD.lock",
      "\(git)/objects/pack/tmp_pack_AbCdEf", "\(git)/objects/pack/tmp_idx_AbCdEf", "\(git)/fast_import_crash_17",
      "\(copy.folder.path)/busy",
    ]
    for path in left { try Data("half".utf8).write(to: URL(fileURLWithPath: path)) }
    let id = try site.commit(["a.txt": "two"])
    #expect(try copy.fetch("main").id == id)
    for path in left { #expect(!site.exists(path), "\(path)") }
    try copy.push(copy.commit(files: ["b.txt": [1]], onto: id, author: Self.ada, message: "b"), to: "main")
  }

  enum Damage: CaseIterable {
    case truncatedPack, noPack, noIndex, zeroedPack, emptyReference, noHead, config, noObjects, nothing, halfMade
  }

  enum Notice: CaseIterable {
    case byReading, byFetch, byFetchOfNews, afterKill
  }

  @Test("a copy that is damaged is made anew by itself", arguments: Damage.allCases, Notice.allCases)
  func damaged(_ damage: Damage, notice: Notice) throws {
    let site = try GitSite()
    let id = try site.commit(["a.txt": noise(5000), "b.txt": "b"])
    let copy = try site.copy()
    _ = try copy.fetch("main")
    let git = copy.folder.copy
    let packs = names(inFolder: "\(git)/objects/pack")
    let pack = "\(git)/objects/pack/\(try #require(packs.first { $0.hasSuffix(".pack") }))"
    try site.run("chmod", ["-R", "u+w", git], in: site.folder)
    switch damage {
    case .truncatedPack: #expect(truncate(pack, 700) == 0)
    case .noPack: unlink(pack)
    case .noIndex: unlink(pack.replacingOccurrences(of: ".pack", with: ".idx"))
    case .zeroedPack:
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: pack))
      try handle.seek(toOffset: 12)
      try handle.write(contentsOf: Data(count: 600))
      try handle.close()
    case .emptyReference: #expect(truncate("\(git)/refs/heddle/branches/main", 0) == 0)
    case .noHead: unlink("\(git)/HEAD")
    case .config: try Data("[core\nx".utf8).write(to: URL(fileURLWithPath: "\(git)/config"))
    case .noObjects: GitFolder.removeAll(at: "\(git)/objects")
    case .nothing: GitFolder.removeAll(at: git)
    case .halfMade:
      GitFolder.removeAll(at: git)
      try FileManager.default.createDirectory(atPath: "\(git)/refs", withIntermediateDirectories: true)
    }
    if notice == .afterKill { try copy.folder.setBusy(true) }
    var newest = id
    if notice == .byFetchOfNews { newest = try site.commit(["c.txt": "c"]) }
    if notice != .byReading { #expect(try copy.fetch("main").id == newest) }
    #expect(try copy.commit(id).id == id)
    let tree = try copy.tree(at: id)
    #expect(try tree.contents(of: "b.txt") == Array("b".utf8))
    #expect(try tree.contents(of: "a.txt").count == 5000)
    #expect(try copy.fetch("main").id == newest)
    try expectNothingHalf(copy)
  }

  @Test("broken objects of the remote are told, and not taken over")
  func damagedRemote() throws {
    let site = try GitSite()
    let id = try site.commit(["a.txt": "one", "b.txt": "two"])
    let object = try site.git(["rev-parse", "\(id):a.txt"])
    let path = "\(site.remote)/objects/\(object.prefix(2))/\(object.dropFirst(2))"
    try site.run("chmod", ["u+w", path], in: site.folder)
    #expect(truncate(path, 0) == 0)
    let copy = try site.copy()
    let error = try gitError { _ = try copy.fetch("main") }
    #expect([.damaged, .unreachable].contains(error.kind), "\(error)")
    try expectNothingHalf(copy)
  }

  @Test("who has the copy is waited for, for a time")
  func locked() throws {
    let site = try GitSite()
    let id = try site.commit(["a.txt": "one"])
    let copy = try site.copy(limits: GitLimits(lockTimeout: .milliseconds(50)))
    try copy.folder.make()
    let other = open(copy.folder.lock, O_RDWR | O_CREAT, 0o600)
    #expect(flock(other, LOCK_EX) == 0)
    let error = try gitError { _ = try copy.fetch("main") }
    #expect(error.kind == .timedOut)
    #expect(error.message.contains("another process"))
    close(other)
    #expect(try copy.fetch("main").id == id)
  }

  @Test("many threads with one copy wait for each other", .timeLimit(.minutes(1)))
  func threads() throws {
    let site = try GitSite()
    try site.commit(["a.txt": "one"])
    let copy = try site.copy()
    let all = (0..<6).map { number in
      InBackground {
        let id = try copy.fetch("main").id
        _ = try copy.tree(at: id).contents(of: "a.txt")
        _ = try copy.commit(files: ["b\(number)": [1]], onto: id, author: Self.ada, message: "b")
      }
    }
    for thread in all { #expect(thread.error() == nil) }
  }
}
