import ArgumentParser
import Glibc

/// The default of a flag: the value of its environment variable where that is set, else `fallback`.
///
/// `--database-url` is `HEDDLE_DATABASE_URL`. A value that cannot be read ends the process with exit code 64, as a wrong
/// flag does.
func environmentDefault<Value: ExpressibleByArgument>(_ flag: String, _ fallback: Value) -> Value {
  let name = "HEDDLE_" + String(flag.map { $0 == "-" ? "_" : $0 }).uppercased()
  guard let variable = getenv(name) else { return fallback }
  let text = String(cString: variable)
  guard !text.isEmpty else { return fallback }
  guard let value = Value(argument: text) else {
    report("heddle: \(name) is '\(text)', which is no value for --\(flag); the default is \(fallback)")
    exit(64)
  }
  return value
}
