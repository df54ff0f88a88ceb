/// A document inside a document: a name, options, and a content of its own that is synchronised separately.
///
/// The outer document says that it is there; whether this replica loads it is for the program to decide. It belongs to
/// the thread or executor of the outer document.
public final class Subdocument {
  /// What all replicas know of it besides its name.
  public struct Options: Hashable, Sendable {
    /// Whether its deleted content is collected.
    public var collectsGarbage = true
    /// Whether every replica loads it as soon as it hears of it.
    public var autoLoad = false
    /// Anything that programs want to know before they load it.
    public var meta: YValue?

    /// The defaults.
    public init() {}
  }

  /// The name under which its content is synchronised.
  public let guid: String
  /// What all replicas know of it.
  public let options: Options
  /// Whether this replica wants its content. True at once where it was made, and with `autoLoad`.
  public private(set) var isLoaded: Bool
  /// Its content here, to be synchronised by the program. Empty at first.
  public private(set) lazy var content = Doc(collectsGarbage: options.collectsGarbage)

  private weak var outer: Doc?
  /// Where it stands in the outer document.
  let id: ID

  init(_ guid: String, _ options: Options, isLoaded: Bool, in outer: Doc, at id: ID) {
    self.guid = guid
    self.options = options
    self.isLoaded = isLoaded
    self.outer = outer
    self.id = id
  }

  /// Says that this replica wants its content: observers of the outer document hear that it is loaded.
  public func load() {
    guard !isLoaded else { return }
    isLoaded = true
    outer?.announce(SubdocumentEvent(added: [], removed: [], loaded: [self]))
  }

  /// Lets go of the content. In its place the outer document has a new one with the same name that is not loaded.
  public func unload() {
    outer?.replaceSubdocument(self)
  }
}

/// Which documents inside a document came, went and were loaded.
public struct SubdocumentEvent {
  /// New ones, those among them that stand where another was unloaded.
  public let added: [Subdocument]
  /// Those that were deleted or unloaded.
  public let removed: [Subdocument]
  /// Those that this replica now wants the content of.
  public let loaded: [Subdocument]
}

/// The documents inside a document, by where they stand. Nothing is kept until somebody asks for them.
struct SubdocumentTable {
  var isTracked = false
  var byID: [ID: Subdocument] = [:]
  /// Those written in the transaction under way.
  var written: [ID: Subdocument] = [:]
  var observers = ObserverList<SubdocumentEvent>()
}
