import Workflow
import YCRDT

/// Who members are, as far as a room can tell: by the name that their client shows of itself.
extension Room {
  /// How long a name is kept before it is looked up again. People move their cursors with every character.
  private static let nameAge: Milliseconds = 1000
  /// In Unicode scalars.
  private static let longestName = 200
  private static let rememberedNames = 4096

  /// Remembers the client under which a member shows itself first.
  mutating func introduce(_ id: MemberID, as clients: [ClientID]) {
    guard let client = clients.first, members[id]?.client == nil else { return }
    members[id]?.client = client
    hold(client, id)
  }

  /// Who the edits of a member are by.
  mutating func author(of id: MemberID) -> Actor {
    guard let member = members[id] else { return .member }
    if let actor = member.actor { return actor }
    guard let client = member.client else { return .member }
    if let author = member.author, now < author.goodUntil { return author.actor }
    if shownNames.count >= Self.rememberedNames { shownNames.removeAll() }
    // Whoever comes back under a client id is shown to others again a moment later.
    shownNames[client] = awareness[client].flatMap(Self.name(in:)) ?? shownNames[client]
    let actor = Actor(type: Actor.member.type, name: shownNames[client])
    members[id]?.author = Author(actor: actor, goodUntil: now + (actor.name == nil ? Self.nameAge / 10 : Self.nameAge))
    return actor
  }

  /// The name in an awareness state.
  static func name(in state: String) -> String? {
    guard let user = (try? JSONValue(parsing: state))?["user"],
      let name = user["name"]?.string ?? user.string, !name.isEmpty
    else { return nil }
    return String(String.UnicodeScalarView(name.unicodeScalars.prefix(longestName)))
  }

  struct Author: Codable {
    let actor: Actor
    let goodUntil: Milliseconds
  }
}
