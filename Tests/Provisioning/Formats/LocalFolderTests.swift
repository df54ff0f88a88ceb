import Foundation
import Testing

@testable import Provisioning

/// A folder of a project that others may write to.
@Suite struct LocalFolderTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "heddle-folder-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path + "/in/sub", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  private func failure(_ path: String, in folder: LocalFolder) -> FileTreeError? {
    do throws(FileTreeError) {
      _ = try folder.contents(of: path)
      return nil
    } catch {
      return error
    }
  }

  @Test func onlyRegularFilesInsideAreRead() throws {
    try withFolder { path in
      try Data("secret".utf8).write(to: URL(fileURLWithPath: path + "/secret"))
      try Data("body".utf8).write(to: URL(fileURLWithPath: path + "/in/sub/a.js"))
      symlink("../secret", path + "/in/link")
      symlink("..", path + "/in/up")
      symlink("sub", path + "/in/alias")
      mkfifo(path + "/in/pipe", 0o600)
      let folder = LocalFolder(path + "/in", limit: 4)
      #expect(try folder.contents(of: "sub/a.js") == Array("body".utf8))
      #expect(try folder.contents(of: "./sub/../sub/a.js") == Array("body".utf8))
      #expect(failure("link", in: folder) == .notAFile("a symbolic link"))
      #expect(failure("up/secret", in: folder) == .notAFile("a file or a symbolic link where a folder is expected"))
      #expect(failure("alias/a.js", in: folder) == .notAFile("a file or a symbolic link where a folder is expected"))
      #expect(failure("../secret", in: folder) == .outside)
      #expect(failure(path + "/secret", in: folder) == .outside)
      #expect(failure("sub", in: folder) == .notAFile("a folder"))
      #expect(failure("pipe", in: folder) == .notAFile("a pipe"))
      #expect(failure("gone.js", in: folder) == .missing)
      #expect(failure("sub/a.js/b", in: folder) != nil)
      #expect(failure("sub/a.js", in: LocalFolder(path + "/in", limit: 3)) == .tooLarge(limit: 3))
    }
    #expect(failure("null", in: LocalFolder("/dev")) == .notAFile("a device"))
  }

  /// A slash that is one character with what stands beside it is a slash to the file system: the link before it is not the
  /// path's last part, where links are not followed.
  @Test func aSlashCannotHideInACharacter() throws {
    try withFolder { path in
      try Data("secret".utf8).write(to: URL(fileURLWithPath: path + "/secret"))
      try Data("secret".utf8).write(to: URL(fileURLWithPath: path + "/\u{301}secret"))
      symlink("..", path + "/in/up\u{600}")
      let folder = LocalFolder(path + "/in")
      #expect(
        failure("up\u{600}/secret", in: folder) == .notAFile("a file or a symbolic link where a folder is expected"))
      #expect(failure("../\u{301}secret", in: folder) == .outside)
    }
  }
}
