/// What somebody is in a project. Each role may do all that the ones before it may.
public enum Role: String, Hashable, Sendable, CaseIterable, Comparable {
  case viewer
  case editor
  case admin
  case owner

  public static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .viewer: 0
    case .editor: 1
    case .admin: 2
    case .owner: 3
    }
  }
}
