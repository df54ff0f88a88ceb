import YCRDT

let phone = Doc()
