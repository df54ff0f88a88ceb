@testable import Gateway

extension FuzzTarget {
  static func runHTTPRequest(_ bytes: [UInt8]) throws(Finding) {
    guard bytes.count >= 2 else { return }
    let (cuts, stream) = (bytes.prefix(2), Array(bytes.dropFirst(2)))
    let whole = HTTPReading(stream, pieces: [stream.count])
    try require(HTTPReading(stream, pieces: [1]) == whole, "byte by byte the requests are others")
    let pieces = [Int(cuts[0]) + 1, Int(cuts[1] >> 4) + 1, Int(cuts[1] & 15) + 1]
    try require(HTTPReading(stream, pieces: pieces) == whole, "cut otherwise the requests are others")
    for request in whole.requests { try checkMeaning(of: request) }
  }
}

/// What a connection's bytes come to when they arrive in pieces.
private struct HTTPReading: Equatable {
  /// Everything that is said of each request, and in the end what was refused or left over.
  private var said: [String] = []
  private(set) var requests: [HTTPRequest] = []

  private static let limits = HTTPRequestParser.Limits(
    headBytes: 512, headerCount: 8, bodyBytes: 64, judgedBodyBytes: 32)

  /// The sizes of the pieces repeat.
  init(_ stream: [UInt8], pieces: [Int]) {
    var parser = HTTPRequestParser(limits: Self.limits, peer: .fuzzed)
    var (rest, number) = (stream[...], 0)
    while !rest.isEmpty {
      let piece = Array(rest.prefix(max(1, pieces[number % pieces.count])))
      number += 1
      rest = rest.dropFirst(piece.count)
      piece.withUnsafeBytes { parser.append($0) }
      do throws(HTTPRefusal) {
        guard try take(from: &parser) else { continue }
        said.append("left over \(parser.takeSurplus() + rest)")
        return
      } catch {
        said.append("refused \(error.status) \(error.text)")
        return
      }
    }
    said.append("in body \(parser.isInBody)")
  }

  /// Takes requests until more bytes are needed, or one turns the connection into a websocket; whether one did.
  private mutating func take(from parser: inout HTTPRequestParser) throws(HTTPRefusal) -> Bool {
    while true {
      switch try parser.next() {
      case .incomplete: return false
      case .largeBody(let message): said.append("announced \(Self.words(message))")
      case .request(let message):
        said.append(Self.words(message))
        requests.append(message.request)
        if message.webSocketKey != nil { return true }
      }
    }
  }

  private static func words(_ message: HTTPMessage) -> String {
    let request = message.request
    return
      "\(request.method) \(request.rawPath) \(request.segments) \(request.query) \(request.headers) \(request.body) "
      + "\(message.contentLength) \(message.expectsContinue) \(message.keepsAlive) \(message.webSocketKey ?? "")"
  }

  static func == (one: HTTPReading, other: HTTPReading) -> Bool { one.said == other.said }
}

extension Peer {
  /// A proxy.
  static var fuzzed: Peer { Peer(socket: NetworkAddress(high: 0, low: 0xFFFF_0A00_0001), port: 80) }
}
