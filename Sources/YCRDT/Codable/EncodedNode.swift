/// What a value encodes itself to: containers are filled through references while it does.
final class EncodedNode {
  enum Content {
    case none
    case value(YValue)
    case array([EncodedNode])
    case object(Members)
  }

  /// Members in order. Nil stands for an optional that has no value: an update removes such a key.
  struct Members {
    private(set) var list: [(key: String, node: EncodedNode?)] = []
    private var places: [ExactString: Int] = [:]
    /// The keys are data, as those of a dictionary: an update removes all others.
    var isWhole = false

    subscript(key: String) -> EncodedNode? {
      get { places[ExactString(key)].flatMap { list[$0].node } }
      set {
        if let place = places[ExactString(key)] {
          list[place].node = newValue
        } else {
          places[ExactString(key)] = list.count
          list.append((key, newValue))
        }
      }
    }
  }

  var content = Content.none

  /// The members of an object, which this node becomes if it was nothing yet.
  var members: Members {
    get { if case .object(let members) = content { members } else { Members() } }
    set { content = .object(newValue) }
  }

  /// The elements of an array, which this node becomes if it was nothing yet.
  var elements: [EncodedNode] {
    get { if case .array(let elements) = content { elements } else { [] } }
    set { content = .array(newValue) }
  }

  /// Makes it an array of one more element, and returns that.
  func appended() -> EncodedNode {
    let node = EncodedNode()
    elements.append(node)
    return node
  }

  /// Makes it an object with one more member, and returns that.
  func member(_ key: String) -> EncodedNode {
    let node = EncodedNode()
    members[key] = node
    return node
  }

  /// The whole as a plain value.
  var plain: YValue {
    switch content {
    case .none: .object([:])
    case .value(let value): value
    case .array(let elements): .array(elements.map(\.plain))
    case .object(let members):
      .object(YObject(members.list.compactMap { key, node in node.map { (key, $0.plain) } }))
    }
  }
}
