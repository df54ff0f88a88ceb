import Provisioning
import Workflow

/// A tree of files that remembers what was read of it.
final class RecordingTree: FileTree, Sendable {
  private let files: any FileTree
  private let hashes = Locked<[String: String]>([:])

  init(_ files: any FileTree) {
    self.files = files
  }

  func contents(of path: String) throws(FileTreeError) -> [UInt8] {
    let bytes: [UInt8]
    do {
      bytes = try files.contents(of: path)
    } catch {
      // That there is none is something that can change.
      note(path, "\(error)")
      throw error
    }
    note(path, SHA256.hexadecimal(bytes))
    return bytes
  }

  private func note(_ path: String, _ what: String) {
    hashes.withLock { $0[path] = what }
  }

  /// Of all files that were read, and of those that were looked for in vain.
  var digest: String {
    let lines = hashes.withLock { $0 }.sorted { $0.key < $1.key }.map { "\($0.key)\0\($0.value)\n" }
    return SHA256.hexadecimal(lines.joined().utf8)
  }

  /// The bytes of a file that has to be there.
  func bytes(of path: String) throws(FileProblems) -> [UInt8] {
    do {
      return try contents(of: path)
    } catch {
      throw FileProblems(FileProblem(file: path, message: "\(error)"))
    }
  }

  /// The bytes of a file; nil where there is none.
  func bytesIfThere(of path: String) throws(FileProblems) -> [UInt8]? {
    do {
      return try contents(of: path)
    } catch .missing {
      return nil
    } catch {
      throw FileProblems(FileProblem(file: path, message: "\(error)"))
    }
  }
}
