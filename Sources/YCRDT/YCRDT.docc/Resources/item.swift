struct Item: Codable {
  var name: String
  var count: Int
  var note: String
}
