import Glibc

/// The folder in which a copy is: `copy`, the bare repository; `lock`; `busy` while something writes to the copy;
/// `damaged` where broken objects were found in it; `limit`, up to how many bytes files of the repository are in it; and `branches`,
/// with an empty file for each one that was fetched.
struct GitFolder: Sendable {
  let path: String

  var copy: String { "\(path)/copy" }
  var lock: String { "\(path)/lock" }
  private var busy: String { "\(path)/busy" }
  private var damaged: String { "\(path)/damaged" }
  private var limit: String { "\(path)/limit" }
  private var fetched: String { "\(path)/branches" }

  /// Makes the folder, for us alone.
  func make() throws(GitError) {
    var end = path.startIndex
    while end < path.endIndex {
      end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
      let part = String(path[..<end])
      guard mkdir(part, 0o700) != 0, errno != EEXIST else { continue }
      // What is there already may be where nothing can be made.
      guard access(part, F_OK) == 0 else { throw GitError(system: "\(part) can't be made") }
    }
  }

  /// Whether there is a copy that looks like one.
  var hasCopy: Bool {
    access(damaged, F_OK) != 0
      && ["HEAD", "config", "objects", "refs"].allSatisfy { access("\(copy)/\($0)", F_OK) == 0 }
  }

  /// Whether somebody was killed while writing to the copy.
  var wasInterrupted: Bool { access(busy, F_OK) == 0 }

  func setBusy(_ isBusy: Bool) throws(GitError) {
    guard isBusy else {
      unlink(busy)
      return
    }
    try Self.touch(busy)
  }

  /// Has the copy made anew by whoever writes to it next.
  func setDamaged() {
    try? Self.touch(damaged)
  }

  /// The branches that have been fetched, which a new copy has to have.
  var branches: [String] { Self.names(in: fetched).compactMap(GitBranch.name(encoded:)) }

  func remember(_ branch: GitBranch) throws(GitError) {
    guard mkdir(fetched, 0o700) == 0 || errno == EEXIST else { throw GitError(system: "\(fetched) can't be made") }
    try Self.touch("\(fetched)/\(branch.encoded)")
  }

  /// Up to how many bytes files are in the copy: larger ones were left out when they were fetched. Of a copy that does not say so,
  /// what is usual.
  var maximumFileBytes: Int {
    guard let file = fopen(limit, "re") else { return GitLimits().maximumFileBytes }
    defer { fclose(file) }
    var digits = [CChar](repeating: 0, count: 32)
    guard fgets(&digits, Int32(digits.count), file) != nil else { return 0 }
    return strtol(digits, nil, 10)
  }

  func note(maximumFileBytes: Int) throws(GitError) {
    guard let file = fopen(limit, "we") else { throw GitError(system: "\(limit) can't be written") }
    fputs("\(maximumFileBytes)\n", file)
    guard fclose(file) == 0 else { throw GitError(system: "\(limit) can't be written") }
  }

  /// Takes the copy away.
  func removeCopy() {
    Self.removeAll(at: copy)
    unlink(damaged)
    unlink(busy)
  }

  /// Takes away what a git that was killed has left: locks, and what is not a whole file yet. For who has the lock alone.
  func removeLeftovers() {
    for name in Self.names(in: copy) where name.hasSuffix(".lock") || name.hasPrefix("fast_import_crash_") {
      unlink("\(copy)/\(name)")
    }
    Self.removeLocks(below: "\(copy)/refs")
    let objects = "\(copy)/objects"
    for name in Self.names(in: objects) {
      if name.hasPrefix("tmp_") || name.hasPrefix("incoming-") || name.hasSuffix(".lock") {
        Self.removeAll(at: "\(objects)/\(name)")
      } else if name.utf8.count == 2 || name == "pack" {
        for part in Self.names(in: "\(objects)/\(name)") where part.hasPrefix("tmp_") || part.hasPrefix(".tmp-") {
          unlink("\(objects)/\(name)/\(part)")
        }
      }
    }
  }

  /// Bytes of all packs, unfinished ones included.
  var packBytes: Int {
    let packs = "\(copy)/objects/pack"
    var bytes = 0
    for name in Self.names(in: packs) {
      var status = stat()
      if lstat("\(packs)/\(name)", &status) == 0 { bytes += Int(status.st_blocks) * 512 }
    }
    return bytes
  }

  var packCount: Int { Self.names(in: "\(copy)/objects/pack").count { $0.hasSuffix(".pack") } }

  private static func touch(_ path: String) throws(GitError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw GitError(system: "\(path) can't be written") }
    close(descriptor)
  }

  private static func removeLocks(below folder: String) {
    for name in names(in: folder) {
      if name.hasSuffix(".lock") { unlink("\(folder)/\(name)") } else { removeLocks(below: "\(folder)/\(name)") }
    }
  }

  /// The names in a folder, none if it is no folder.
  private static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// Removes a file or a folder with all in it. Symbolic links are removed, not followed.
  static func removeAll(at path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in names(in: path) { removeAll(at: "\(path)/\(name)") }
      rmdir(path)
    } else {
      unlink(path)
    }
  }
}
