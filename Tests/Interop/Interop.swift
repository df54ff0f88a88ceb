import Testing

/// Everything with real clients and the real server. One server does for most, and one test after the other: the clients
/// are processes, and many at once would only wait for each other.
@Suite(.serialized, .server) enum Interop {}
