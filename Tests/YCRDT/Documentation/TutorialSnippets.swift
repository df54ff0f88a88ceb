import Testing
import YCRDT

struct Item: Codable {
  var name: String
  var count: Int
  var note: String
}

@Suite struct TutorialSnippets {
  @Test func firstDocument() throws {
    let phone = Doc()

    let list = phone.array("shopping")

    try phone.transact {
      let milk = try list.appendMap()
      try milk.set("name", "milk")
      try milk.set("count", 2)
      try milk.setText("note", "fresh")
    }

    let laptop = Doc()
    try laptop.apply(phone.encodeStateAsUpdate())

    try phone.transact { try list[0].map?["note"]?.text?.append(", please") }
    try laptop.transact { try laptop.array("shopping")[0].map?["note"]?.text?.insert("very ", at: 0) }

    try laptop.apply(phone.encodeStateAsUpdate(since: laptop.stateVector))
    try phone.apply(laptop.encodeStateAsUpdate(since: phone.stateVector))
    print(list.json)  // the note is "very fresh, please"

    let items = try list.decode([Item].self)
    print(items.map(\.name))
    try phone.transact {
      try list.append(Item(name: "bread", count: 1, note: ""), as: .shared(texts: ["note"]))
    }

    #expect(items.first?.note == "very fresh, please" && list.count == 2)
  }
}
