import Glibc

/// Who Postgres runs as: ourselves, or, since it refuses to run as root, the user 'postgres' or else 'nobody'.
struct ClusterUser {
  let name: String
  let uid: uid_t
  let gid: gid_t
  /// Whether rights have to be dropped for it.
  let isOther: Bool
  /// Whether it needs a capability to search the directories above the data, which only root may.
  var searchesDirectories = false

  static var current: ClusterUser {
    guard geteuid() == 0 else {
      let name = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(geteuid())"
      return ClusterUser(name: name, uid: geteuid(), gid: getegid(), isOther: false)
    }
    for name in ["postgres", "nobody"] {
      guard let entry = getpwnam(name) else { continue }
      return ClusterUser(name: name, uid: entry.pointee.pw_uid, gid: entry.pointee.pw_gid, isOther: true)
    }
    return ClusterUser(name: "nobody", uid: 65534, gid: 65534, isOther: true)
  }

  /// The command, run as this user, and told to end when the thread that started it does.
  func command(_ arguments: [String]) -> Command {
    var wrapper = ["env", "-C", "/", "setpriv", "--no-new-privs", "--pdeathsig=INT"]
    if isOther { wrapper += ["--reuid=\(uid)", "--regid=\(gid)", "--clear-groups"] }
    if searchesDirectories { wrapper += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"] }
    return Command(wrapper + ["--"] + arguments)
  }

  /// This user, able to reach the directory.
  func reaching(_ directory: String) throws(ClusterError) -> ClusterUser {
    guard isOther, !canEnter(directory) else { return self }
    var user = self
    user.searchesDirectories = true
    guard user.canEnter(directory) else { throw .unreachable(directory: directory, user: name) }
    return user
  }

  private func canEnter(_ directory: String) -> Bool {
    (try? command(["env", "-C", directory, "true"]).output()) != nil
  }
}
