import Synchronization

/// The files of a commit, read without a checkout.
///
/// Links, submodules and folders are no files; a path that leads out is refused. Reading a file reads small ones of the same
/// folder ahead, so that the hundreds of bodies of a project take two calls of git.
public struct GitTree: FileTree {
  /// The commit that it is of.
  public let commit: GitObjectID
  private let repository: GitRepository
  private let entries: GitTreeEntries
  private let cache = Cache()

  init(commit: GitObjectID, repository: GitRepository, entries: GitTreeEntries) {
    self.commit = commit
    self.repository = repository
    self.entries = entries
  }

  /// The paths of all regular files, in the order of their bytes. A path that is no UTF-8 is not among them.
  public var paths: [String] {
    entries.all.compactMap { entry in
      guard entry.mode == .file || entry.mode == .executable else { return nil }
      return String(validating: entry.path, as: UTF8.self)
    }
  }

  public func contents(of path: String) throws(FileTreeError) -> [UInt8] {
    guard let components = GitPath.components(of: path) else { throw .outside }
    let entry = try entries.file(at: components)
    if let bytes = cache.bytes(of: entry.object) { return bytes }
    do throws(GitError) {
      try read(entry, in: components.dropLast().joined(separator: "/"))
    } catch {
      if error.kind == .damaged { repository.folder.setDamaged() }
      throw .unreadable(reason: "\(error)")
    }
    guard let bytes = cache.bytes(of: entry.object) else { throw .tooLarge(limit: limit) }
    return bytes
  }

  private var limit: Int {
    min(repository.limits.maximumFileBytes, max(0, repository.limits.maximumReadBytes - cache.count))
  }

  // MARK: Reading ahead

  private static let maximumFilesAhead = 2000
  private static let maximumBytesAhead = 8 << 20
  private static let maximumFileBytesAhead = 256 << 10

  /// Reads a file, and small ones of its folder.
  private func read(_ entry: GitTreeEntries.Entry, in folder: String) throws(GitError) {
    let sizes = try repository.sizes(of: candidates(entry, in: folder))
    var (wanted, bytes): ([GitObjectID], Int) = ([], 0)
    for (object, size) in sizes {
      let isAsked = object == entry.object
      let most = isAsked ? limit : min(min(limit, Self.maximumBytesAhead) - bytes, Self.maximumFileBytesAhead)
      guard size <= most else { continue }
      wanted.append(object)
      bytes += size
    }
    guard wanted.first == entry.object else { return }
    cache.add(try repository.blobs(wanted, bytes: bytes))
  }

  /// The file's object, and those of others of its folder that aren't read yet.
  private func candidates(_ entry: GitTreeEntries.Entry, in folder: String) -> [GitObjectID] {
    let range = entries.range(below: Array(folder.utf8))
    let start = entries.index(of: entry.path)
    var objects = [entry.object]
    var seen: Set<GitObjectID> = [entry.object]
    for index in [start..<range.upperBound, range.lowerBound..<start].joined() {
      guard objects.count < Self.maximumFilesAhead else { break }
      let other = entries.all[index]
      guard other.mode == .file || other.mode == .executable, cache.bytes(of: other.object) == nil,
        seen.insert(other.object).inserted
      else { continue }
      objects.append(other.object)
    }
    return objects
  }

  /// What has been read.
  private final class Cache: Sendable {
    private let state = Mutex((files: [GitObjectID: [UInt8]](), count: 0))

    var count: Int { state.withLock { $0.count } }

    func bytes(of object: GitObjectID) -> [UInt8]? { state.withLock { $0.files[object] } }

    func add(_ files: [GitObjectID: [UInt8]]) {
      state.withLock {
        for (object, bytes) in files where $0.files.updateValue(bytes, forKey: object) == nil {
          $0.count += bytes.count
        }
      }
    }
  }
}
