@main
struct Heddle {
  static func main() {}
}
