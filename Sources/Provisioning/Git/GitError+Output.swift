extension GitError {
  /// What git's words mean. Git speaks English, since it is told to.
  init(output: String, exitCode: Int32, doing what: String, at url: GitURL) {
    let kind = Self.kind(of: output, exitCode: exitCode)
    self.init(kind, "\(what): \(Self.explanation(of: kind, at: url))", output: Self.withoutSecrets(output))
  }

  private static func kind(of output: String, exitCode: Int32) -> Kind {
    for (kind, phrases) in phrases where phrases.contains(where: output.contains) { return kind }
    return exitCode == 127 ? .noGit : .failed
  }

  /// What git, ssh and curl say, by what it means; the first that is found counts.
  private static let phrases: [(Kind, [String])] = [
    (.diskFull, ["No space left on device", "Disk quota exceeded", "Out of diskspace", "File too large"]),
    (
      .untrusted,
      [
        "Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED", "dubious ownership",
        "SSL certificate problem", "server certificate verification failed", "certificate subject name",
      ]
    ),
    (
      .credentials,
      [
        "Permission denied", "Authentication failed", "could not read Username", "could not read Password",
        "terminal prompts disabled", "returned error: 401", "returned error: 403", "HTTP Basic: Access denied",
        "unable to read askpass",
      ]
    ),
    (.noBranch, ["couldn't find remote ref", "could not find remote ref"]),
    (
      .noRepository,
      [
        "does not appear to be a git repository", "Repository not found", "repository not found", "' not found",
        "returned error: 404", "No such repository",
      ]
    ),
    (
      .unreachable,
      [
        "Could not resolve host", "Connection refused", "Connection timed out", "Connection reset",
        "No route to host", "Network is unreachable", "Name or service not known",
        "Temporary failure in name resolution", "Connection closed by", "Operation timed out", "Failed to connect",
        "returned error: 5", "unable to access '", "Empty reply from server",
      ]
    ),
    (
      .damaged,
      [
        "not a git repository", "is corrupt", "object file", "inflate:", "corrupt loose object", "corrupt patch",
        "unable to unpack", "does not match index", "is far too short to be a packfile", "packed object",
        "cannot be accessed", "wrong index", "index file corrupt", "hash mismatch", "error: Could not read ",
        "unresolved delta", "bad tree object", "bad object HEAD", "missing blob", "missing tree", "missing commit",
        "broken link", "reference broken", "did not send all necessary objects", "error: refs/", "invalid sha1 pointer",
        "garbage at end", "bad offset",
        "not a valid 'tree' object", "error: unable to find ", "bad config line", "serious inflate inconsistency",
        "file is too small", "unable to get size", "cannot read object",
      ]
    ),
    (
      .noCommit,
      [
        "bad object", "Not a valid commit name", "Not a valid object name", "unknown revision", "bad revision",
        "not a tree object", "not a commit",
      ]
    ),
    (.killed, ["died of signal"]),
    (.unreachable, ["hung up unexpectedly", "Could not read from remote repository", "early EOF"]),
  ]

  private static func explanation(of kind: Kind, at url: GitURL) -> String {
    let place = url.host ?? "\(url)"
    return switch kind {
    case .unreachable: "\(place) is not there or does not answer; it is tried again"
    case .untrusted where url.isFolder:
      "the folder is of another user; git config --global --add safe.directory \(url) lets git use it"
    case .untrusted:
      "\(place) does not have the host key or certificate that is known; "
        + "where that is right, put it into ssh's known_hosts or the certificates"
    case .credentials where url.isFolder: "the user that Heddle runs as may not read, or write, the folder"
    case .credentials:
      "\(place) does not let us in; give its credentials to a credential helper of git, or a key to ssh, "
        + "of the user that Heddle runs as"
    case .noRepository: "there is no repository at \(url), or it is not ours to see"
    case .empty: "the repository has no commits yet"
    case .noBranch: "the repository has no such branch"
    case .noCommit: "the repository has no such commit"
    case .rejected: "the branch has moved on, and what it has now has to be merged first"
    case .declined: "\(place) does not take the commits"
    case .diskFull: "the disk is full"
    case .tooLarge: "it is larger than it may be"
    case .timedOut: "it took too long"
    case .killed: "something killed git"
    case .stopped: "the server is ending"
    case .damaged: "objects of the repository, or of our copy of it, are broken"
    case .invalid: "this can't be done"
    case .noGit: "there is no git on this machine: install it, or put it on the PATH"
    case .failed: "git failed"
    }
  }

  private static let maximumOutput = 2000

  /// The text without what stands before the @ of a URL, without control characters, and shortened.
  static func withoutSecrets(_ text: String) -> String {
    var lines: [String] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let printable = String(
        String.UnicodeScalarView(line.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
      let words = printable.split(separator: " ", omittingEmptySubsequences: false).map(withoutUser)
      lines.append(words.joined(separator: " "))
    }
    let whole = lines.joined(separator: "\n")
    return whole.count <= maximumOutput ? whole : "\(whole.prefix(maximumOutput))…"
  }

  private static func withoutUser(_ word: Substring) -> String {
    guard let scheme = word.firstRange(of: "://") else { return String(word) }
    let rest = word[scheme.upperBound...]
    guard let at = rest.prefix(while: { $0 != "/" }).lastIndex(of: "@") else { return String(word) }
    return "\(word[..<scheme.upperBound])\(rest[rest.index(after: at)...])"
  }
}
