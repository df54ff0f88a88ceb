/// What a commit has, in the order of paths' bytes.
struct GitTreeEntries: Sendable {
  struct Entry: Sendable {
    let path: [UInt8]
    let mode: Mode
    let object: GitObjectID
  }

  enum Mode: Sendable {
    case file, executable, symbolicLink, submodule

    init?(_ digits: some StringProtocol) {
      switch digits {
      case "100644", "100664": self = .file
      case "100755": self = .executable
      case "120000": self = .symbolicLink
      case "160000": self = .submodule
      default: return nil
      }
    }
  }

  private(set) var all: [Entry] = []

  /// Nothing.
  init() {}

  /// What `git ls-tree -r -z` tells.
  init(listed bytes: [UInt8]) {
    for line in bytes.split(separator: 0) {
      guard let tab = line.firstIndex(of: UInt8(ascii: "\t")) else { continue }
      let words = String(decoding: line[..<tab], as: UTF8.self).split(separator: " ")
      guard words.count == 3, let mode = Mode(words[0]), let object = GitObjectID(words[2]) else { continue }
      all.append(Entry(path: Array(line[(tab + 1)...]), mode: mode, object: object))
    }
    all.sort { $0.path.lexicographicallyPrecedes($1.path) }
  }

  /// The index of what is at the path, or of what would be behind it.
  func index(of path: [UInt8]) -> Int {
    var (low, high) = (0, all.count)
    while low < high {
      let middle = (low + high) / 2
      if all[middle].path.lexicographicallyPrecedes(path) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func entry(at path: [UInt8]) -> Entry? {
    let index = index(of: path)
    return index < all.count && all[index].path == path ? all[index] : nil
  }

  func hasFolder(at path: [UInt8]) -> Bool {
    !range(below: path).isEmpty
  }

  /// The indices of all that is in a folder, and below; of the root with an empty path.
  func range(below folder: [UInt8]) -> Range<Int> {
    guard !folder.isEmpty else { return all.indices }
    // A slash is followed by a zero.
    return index(of: folder + [UInt8(ascii: "/")])..<index(of: folder + [UInt8(ascii: "0")])
  }

  /// The file at the path of these components, or why there is none.
  func file(at components: [Substring]) throws(FileTreeError) -> Entry {
    var path: [UInt8] = []
    for (index, component) in components.enumerated() {
      if index > 0 { path.append(UInt8(ascii: "/")) }
      path += component.utf8
      guard let entry = entry(at: path) else { continue }
      switch entry.mode {
      case .symbolicLink: throw .notAFile("a symbolic link")
      case .submodule: throw .notAFile("a submodule")
      case .file, .executable: if index == components.count - 1 { return entry } else { throw .missing }
      }
    }
    throw hasFolder(at: path) ? .notAFile("a folder") : .missing
  }

  /// Where a file may be written.
  func place(for path: String) throws(GitError) -> (path: String, isExecutable: Bool) {
    guard let components = GitPath.components(of: path) else {
      throw GitError(.invalid, "\(path.debugDescription) leads out of the repository, and is not written")
    }
    let place = components.joined(separator: "/")
    do throws(FileTreeError) {
      return (place, try file(at: components).mode == .executable)
    } catch {
      if case .notAFile(let what) = error {
        throw GitError(.invalid, "\(path.debugDescription) is \(what), or is behind one, and is not written")
      }
    }
    // A file where a folder would have to be is not taken away either.
    for count in 1..<max(components.count, 1) {
      let folder = components.prefix(count).joined(separator: "/")
      guard entry(at: Array(folder.utf8)) == nil else {
        throw GitError(
          .invalid, "\(folder.debugDescription) is a file, and no folder to write \(path.debugDescription) into")
      }
    }
    return (place, false)
  }
}
