import YCRDT

let phone = Doc()

let list = phone.array("shopping")
