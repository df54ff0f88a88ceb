import YCRDT

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
