import Dispatch
public import Logging
import Synchronization

/// Where the keys of an issuer come from, and what was last got from there.
///
/// They are fetched on a thread of their own: when they get old, and when a token names a key that is not among them.
public final class KeySource: Sendable {
  /// Where keys are fetched from, and how often.
  public struct Configuration: Sendable {
    /// A path, or a URL that begins with https:// or, on this machine, http://.
    public var location: String
    /// How often keys are fetched anew.
    public var refreshInterval = Duration.seconds(300)
    /// How long after a fetch a token with an unknown key makes for another one, at the earliest.
    public var minimumInterval = Duration.seconds(10)
    /// How long keys are good for that could not be fetched anew.
    public var maximumAge = Duration.seconds(86_400)
    /// How long a fetch may take.
    public var timeout = Duration.seconds(5)
    /// How many bytes a key set may have.
    public var maximumBytes = 1 << 20

    public init(location: String) {
      self.location = location
    }
  }

  private struct State {
    var keys = KeySet()
    var fetchedAt = ContinuousClock.now
    var triedAt = ContinuousClock.now
  }

  private let configuration: Configuration
  private let logger: Logger
  private let queue = DispatchQueue(label: "heddle.keys")
  private let state: Mutex<State>

  /// Fetches the keys for the first time, and blocks meanwhile. Throws where that fails.
  public init(_ configuration: Configuration, logger: Logger) throws {
    self.configuration = configuration
    self.logger = logger
    state = Mutex(State(keys: try KeyFetch(configuration).run()))
    refreshLater()
  }

  /// What is known; nothing where that is too old.
  var keys: KeySet {
    state.withLock { ContinuousClock.now - $0.fetchedAt < configuration.maximumAge ? $0.keys : KeySet() }
  }

  /// Fetches the keys anew, unless that was tried a moment ago, and calls `completion` with whether it was done.
  func refresh(_ completion: @escaping @Sendable (Bool) -> Void) {
    queue.async { [self] in
      let isDue = state.withLock { ContinuousClock.now - $0.triedAt >= configuration.minimumInterval }
      completion(isDue && fetch())
    }
  }

  private func refreshLater() {
    queue.asyncAfter(deadline: .now() + configuration.refreshInterval / .seconds(1)) { [weak self] in
      guard let self else { return }
      _ = fetch()
      refreshLater()
    }
  }

  private func fetch() -> Bool {
    let result = Result { try KeyFetch(configuration).run() }
    state.withLock { state in
      state.triedAt = .now
      if case .success(let keys) = result { (state.keys, state.fetchedAt) = (keys, .now) }
    }
    guard case .failure(let error) = result else { return true }
    logger.warning("the keys for tokens cannot be fetched; those known stay in use", metadata: ["error": "\(error)"])
    return false
  }
}
