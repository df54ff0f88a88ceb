/// How one shared type changed in a transaction.
public struct YEvent {
  /// What happened to one key of a map, or one attribute.
  public enum KeyChange: Hashable {
    /// The key had no value.
    case added
    /// The key had this value, as JSON. A shared type is shown empty: what was in it is gone with it.
    case updated(old: YValue)
    /// The key had this value, as JSON, and has none now. A shared type is shown empty.
    case removed(old: YValue)
  }

  /// One step of a path: a key of a map, or an index of a list.
  public enum PathStep: Hashable, Sendable {
    /// A key of a map, or an attribute.
    case key(String)
    /// An index of a list or text.
    case index(Int)
  }

  /// One step through a list, from its start.
  public enum ListChange {
    /// Unchanged elements (UTF-16 code units of a text), or units whose formats changed to `attributes`.
    case retain(Int, attributes: YObject)
    /// New elements of an array.
    case insert([YElement])
    /// New text with its formats.
    case insertText(String, attributes: YObject)
    /// A new embedded value or type in a text, with its formats.
    case insertEmbed(YElement, attributes: YObject)
    /// Elements that are gone.
    case delete(Int)
  }

  /// The type that changed.
  public let target: YElement
  /// Where it is, from the root type of this name on.
  public let root: String
  /// The way from the root to the type, as it is after the transaction.
  public let path: [PathStep]
  /// What happened to keys of the type.
  public let keys: [String: KeyChange]
  /// What happened to the list part of the type. Empty if it did not change.
  public let delta: [ListChange]
  /// Who or what caused the transaction.
  public let origin: Origin?
  /// Whether the change was made here rather than applied.
  public let isLocal: Bool

  let type: TypeIndex
}

/// Who observes which types.
struct TypeObservers {
  /// What is observed: one type, a type with everything inside it, or the whole document.
  enum Target {
    case type(TypeIndex)
    case deep(TypeIndex)
    case document
  }

  struct Observer {
    var number: Int
    var target: Target
    var handler: ([YEvent]) -> Void
  }

  private var observers: [Observer] = []
  private var lastNumber = 0

  var isEmpty: Bool { observers.isEmpty }
  var numbers: [Int] { observers.map(\.number) }

  /// The observer of a number, unless it was removed.
  func observer(_ number: Int) -> Observer? {
    observers.first { $0.number == number }
  }

  mutating func add(_ target: Target, _ handler: @escaping ([YEvent]) -> Void) -> Int {
    lastNumber += 1
    observers.append(Observer(number: lastNumber, target: target, handler: handler))
    return lastNumber
  }

  mutating func remove(_ number: Int) {
    observers.removeAll { $0.number == number }
  }
}

extension TypeObservers.Observer {
  /// Gives the observer the events that concern it, if there are any.
  func deliver(_ events: [YEvent], in doc: Doc) {
    let relevant = events.filter { event in
      switch target {
      case .document: true
      case .type(let type): event.type == type
      case .deep(let type): doc.store.isWithin(event.type, type)
      }
    }
    if !relevant.isEmpty { handler(relevant) }
  }
}
