import Workflow
import YProtocol

@testable import Gateway

extension FuzzTarget {
  static func runPhoenixText(_ bytes: [UInt8]) throws(Finding) {
    guard let message = try? PhoenixMessage(decoding: bytes) else { return }
    guard case .json(let payload) = message.payload else { throw Finding("a text frame with a binary payload") }
    let written = PhoenixMessage.text(message.joinRef, message.ref, message.topic, message.event, payload)
    let again = try accepted("a message as we write it") { try PhoenixMessage(decoding: written) }
    try require(again == message, "another message after a round trip")
    for text in [message.joinRef ?? "", message.ref ?? "", message.topic, message.event] {
      try require(text.utf8.count <= PhoenixFrame.maximumTextBytes, "a text that no binary frame takes")
    }
    guard let join = PhoenixJoin(topic: message.topic) else { return }
    if let name = join.name {
      try require(DocumentName("\(name)") == name, "\(name) is not read as it is written")
      try require(name.version == nil || join.isVersion, "a version that is not meant to be one")
    }
    guard let parameters = try? PhoenixJoin.Parameters(payload) else { return }
    try require(DocumentName.isUUID(parameters.projectID), "a project that is no uuid")
  }

  static func checkMessage(of push: PhoenixPush, _ bytes: [UInt8]) throws(Finding) {
    let message = try accepted("a push as a message") { try PhoenixMessage(decodingBinary: bytes) }
    try require(message.payload == .binary(push.payload), "a message has another payload than its frame")
    try require(message.joinRef ?? "" == push.joinRef && message.ref ?? "" == push.ref, "a message has other refs")
    try require(message.topic == push.topic && message.event == push.event, "a message is of another topic or event")
  }
}
