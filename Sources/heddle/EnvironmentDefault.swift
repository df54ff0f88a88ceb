import ArgumentParser
import Glibc

/// The default of a flag: the value of its environment variable where that is set, else `fallback`.
///
/// `--database-url` is `HEDDLE_DATABASE_URL`. A value that cannot be read as `Value` is reported by
/// `EnvironmentDefaults.validate()`, because a property's default cannot throw.
func environmentDefault<Value: ExpressibleByArgument>(_ flag: String, _ fallback: Value) -> Value {
  guard let text = environmentValue(flag) else { return fallback }
  return Value(argument: text) ?? fallback
}

/// The same for a flag that may be absent.
func environmentDefault(_ flag: String) -> String? {
  environmentValue(flag)
}

/// Throws where an environment variable is set to something that `type` cannot read.
func validateEnvironment<Value: ExpressibleByArgument>(_ flag: String, as type: Value.Type) throws {
  guard let text = environmentValue(flag), Value(argument: text) == nil else { return }
  throw ValidationError("\(variableName(flag)) is '\(text)', which is not a valid value for --\(flag).")
}

private func environmentValue(_ flag: String) -> String? {
  guard let value = getenv(variableName(flag)) else { return nil }
  let text = String(cString: value)
  return text.isEmpty ? nil : text
}

private func variableName(_ flag: String) -> String {
  "HEDDLE_" + String(flag.map { $0 == "-" ? "_" : $0 }).uppercased()
}
