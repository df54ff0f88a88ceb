/// A place in a list or text that stays where it is while others edit: between two units, attached to one of them.
///
/// It names a unit rather than an index, so that every replica finds it, whatever was written meanwhile. Cursors and
/// comments are stored like this. Two positions are equal if they are the same on the wire.
public struct RelativePosition: Sendable {
  /// To which of its neighbours a position holds on.
  public enum Association: Hashable, Sendable {
    /// To the unit before it: what is inserted at the place comes behind the position.
    case left
    /// To the unit behind it: what is inserted at the place comes in front of the position.
    case right
  }

  /// The type that a position lies in.
  public enum Parent: Hashable, Sendable {
    /// The root of this name.
    case root(String)
    /// The type that this unit holds.
    case type(ID)
  }

  /// The unit it holds on to; nil at the end of the type, or at its start if it holds on to the left.
  public let item: ID?
  /// The type it lies in. Unknown if it came from the wire and holds on to a unit.
  public let parent: Parent?
  /// As on the wire: negative is left. Peers may send any number.
  let rawAssociation: Int64

  /// To which of its neighbours it holds on.
  public var association: Association { rawAssociation < 0 ? .left : .right }

  /// Holds on to a unit.
  public init(item: ID, in parent: Parent? = nil, association: Association = .right) {
    self.init(item: item, parent: parent, rawAssociation: association == .left ? -1 : 0)
  }

  /// The end of a type; its start if the association is left.
  public init(edgeOf parent: Parent, association: Association = .right) {
    self.init(item: nil, parent: parent, rawAssociation: association == .left ? -1 : 0)
  }

  init(item: ID?, parent: Parent?, rawAssociation: Int64) {
    self.item = item
    self.parent = parent
    self.rawAssociation = rawAssociation
  }
}

extension RelativePosition: Hashable {
  public static func == (a: RelativePosition, b: RelativePosition) -> Bool {
    a.rawAssociation == b.rawAssociation && a.item == b.item && (a.item != nil || a.parent == b.parent)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(item)
    hasher.combine(rawAssociation)
    if item == nil { hasher.combine(parent) }
  }
}
