import Workflow

@testable import Storage

extension FuzzTarget {
  static func runBusMessage(_ bytes: [UInt8]) throws(Finding) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return }
    _ = try? BusAddress(text)
    if let bytes = Base64.standard.decode(text.utf8) {
      try require(Base64.standard.encode(bytes) == text, "bytes have two texts")
    }
    guard let (node, message) = BusMessage.decode(text) else { return }
    let texts = message.texts(from: node, limit: 2 * text.utf8.count + 256)
    if case .grew(let growth) = message {
      var found: [DocumentGrowth] = []
      for text in texts {
        guard case .grew(let part)? = BusMessage.decode(text)?.message else {
          throw Finding("'\(text)' is none of ours")
        }
        found += part
      }
      return try require(found == growth, "another growth after a round trip")
    }
    try require(texts.count == 1, "\(texts.count) texts for one message")
    let again = BusMessage.decode(texts[0])
    try require(again?.node == node && again?.message == message, "another message after a round trip")
  }

  static func runBackupManifest(_ bytes: [UInt8]) throws(Finding) {
    guard let json = try? JSONValue(parsing: bytes), let manifest = BackupManifest(json: json) else { return }
    try require(BackupManifest(json: manifest.json) == manifest, "another manifest after a round trip")
    _ = manifest.documents
  }
}
