import ArgumentParser
import Provisioning

/// What a project file may take, each a flag: the same for servers and for who imports.
struct FormatOptions: ParsableArguments {
  @Option(help: "Bytes of a project file at most, and of a state file.")
  var maximumProjectFileBytes: Int = environmentDefault("maximum-project-file-bytes", defaults.bytes)

  @Option(help: "How deep lists and maps of a project file in YAML may be nested; at most \(deepest).")
  var maximumProjectFileDepth: Int = environmentDefault("maximum-project-file-depth", defaults.depth)

  @Option(help: "Values, lists and maps of a project file in YAML at most, with those that aliases stand for.")
  var maximumProjectFileParts: Int = environmentDefault("maximum-project-file-parts", defaults.nodes)

  @Option(help: "Bytes of text that aliases of a project file in YAML may stand for.")
  var maximumAliasBytes: Int = environmentDefault("maximum-alias-bytes", defaults.aliasBytes)

  @Option(help: "Files with the code of a job that a project file may name.")
  var maximumCodeFiles: Int = environmentDefault("maximum-code-files", defaults.files)

  @Option(help: "Bytes of a file with the code of a job at most.")
  var maximumCodeFileBytes: Int = environmentDefault("maximum-code-file-bytes", defaults.fileBytes)

  @Option(help: "Bytes of all files with code that a project file may name.")
  var maximumCodeBytes: Int = environmentDefault("maximum-code-bytes", defaults.totalFileBytes)

  @Option(help: "Problems of a project file of which an answer tells.")
  var maximumFileProblems: Int = environmentDefault("maximum-file-problems", defaults.problems)

  private static let defaults = FormatLimits()
  /// What is nested is also walked through and let go of, which takes the stack.
  private static let deepest = 512

  mutating func validate() throws {
    let all: [(String, Int)] = [
      ("maximum-project-file-bytes", maximumProjectFileBytes), ("maximum-project-file-depth", maximumProjectFileDepth),
      ("maximum-project-file-parts", maximumProjectFileParts), ("maximum-alias-bytes", maximumAliasBytes),
      ("maximum-code-files", maximumCodeFiles), ("maximum-code-file-bytes", maximumCodeFileBytes),
      ("maximum-code-bytes", maximumCodeBytes), ("maximum-file-problems", maximumFileProblems),
    ]
    for (flag, value) in all where value < 1 { throw ValidationError("--\(flag) is less than 1") }
    guard maximumProjectFileDepth <= Self.deepest else {
      throw ValidationError("--maximum-project-file-depth is more than \(Self.deepest)")
    }
  }

  var limits: FormatLimits {
    var limits = FormatLimits()
    limits.bytes = maximumProjectFileBytes
    limits.depth = maximumProjectFileDepth
    limits.nodes = maximumProjectFileParts
    limits.aliasBytes = maximumAliasBytes
    limits.files = maximumCodeFiles
    limits.fileBytes = maximumCodeFileBytes
    limits.totalFileBytes = maximumCodeBytes
    limits.problems = maximumFileProblems
    return limits
  }
}
