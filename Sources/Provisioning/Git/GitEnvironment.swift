import Glibc

/// What git is told by its environment: nothing asks a person, runs a program that the repository names, or speaks a
/// protocol that isn't meant.
///
/// What those who run the server have set up for git stays: its configuration with credential helpers, ssh's keys and
/// agent, proxies, certificates.
struct GitEnvironment: Sendable {
  private static let inherited = [
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "SSH_AUTH_SOCK", "SSH_AGENT_PID",
    "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy", "https_proxy", "HTTPS_PROXY", "no_proxy",
    "NO_PROXY", "all_proxy", "ALL_PROXY",
  ]

  /// How git runs for a remote in a folder: with nothing of that repository's configuration that would be run here.
  private static let folderProgram = """
    git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.alternateRefsCommand=true -c receive.autogc=false \
    -c receive.denyCurrentBranch=refuse -c uploadpack.allowFilter=true
    """

  private static let always = [
    "core.hooksPath": "/dev/null", "core.fsmonitor": "false", "core.askPass": "/bin/false", "core.pager": "cat",
    "core.alternateRefsCommand": "true", "core.logAllRefUpdates": "false", "core.quotePath": "false",
    "gc.auto": "0", "maintenance.auto": "false", "fetch.unpackLimit": "1", "fetch.writeCommitGraph": "false",
    "fetch.recurseSubmodules": "false", "push.recurseSubmodules": "no", "submodule.recurse": "false",
    "push.gpgSign": "false", "push.default": "nothing", "commit.gpgSign": "false", "log.showSignature": "false",
    "diff.renames": "false", "core.useReplaceRefs": "false", "credential.interactive": "false",
    "protocol.allow": "never",
  ]

  /// For what needs no remote.
  static func local() -> [String: String] {
    variables(settings: always, protocols: "none")
  }

  /// For what speaks to the remote at `url`.
  static func remote(_ url: GitURL, maximumFileBytes: Int) -> [String: String] {
    var settings = always
    settings["remote.origin.url"] = url.description
    settings["remote.origin.tagOpt"] = "--no-tags"
    // Where the remote can, it leaves out what would not be read anyway.
    settings["remote.origin.promisor"] = "true"
    settings["remote.origin.partialclonefilter"] = "blob:limit=\(maximumFileBytes + 1)"
    let name: String
    switch url.place {
    case .folder(let path):
      name = "file"
      settings["remote.origin.url"] = path
      settings["remote.origin.uploadpack"] = "\(folderProgram) upload-pack"
      settings["remote.origin.receivepack"] = "\(folderProgram) receive-pack"
    case .ssh: name = "ssh"
    case .https: name = "https"
    case .http: name = "http"
    }
    settings["protocol.\(name).allow"] = "always"
    return variables(settings: settings, protocols: name)
  }

  private static func variables(settings: [String: String], protocols: String) -> [String: String] {
    var variables = [
      "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "/bin/false", "SSH_ASKPASS": "/bin/false",
      "SSH_ASKPASS_REQUIRE": "never", "GIT_ALLOW_PROTOCOL": protocols, "GIT_NO_REPLACE_OBJECTS": "1",
      "GIT_OPTIONAL_LOCKS": "0", "GIT_ATTR_NOSYSTEM": "1", "GIT_CONFIG_COUNT": String(settings.count),
      "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=20",
    ]
    for (index, setting) in settings.sorted(by: { $0.key < $1.key }).enumerated() {
      variables["GIT_CONFIG_KEY_\(index)"] = setting.key
      variables["GIT_CONFIG_VALUE_\(index)"] = setting.value
    }
    for name in inherited {
      guard let value = getenv(name) else { continue }
      variables[name] = String(cString: value)
    }
    return variables
  }
}
