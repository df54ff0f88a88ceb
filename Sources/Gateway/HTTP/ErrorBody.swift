import Workflow

/// The one shape of errors over HTTP: `{"errors": {field: [messages]}}`.
enum ErrorBody {
  /// An answer with one message on one field; `base` is what belongs to no field.
  static func response(_ status: Int, _ message: String, field: String = "base") -> HTTPResponse {
    response(status, errors: .object([field: .array([.string(message)])]))
  }

  /// An answer with errors that are already nested as they should be.
  static func response(_ status: Int, errors: JSONValue, type: String? = nil) -> HTTPResponse {
    var body: [String: JSONValue] = ["errors": errors]
    if let type { body["type"] = .string(type) }
    return .json(status, JSONValue.object(body).serialized())
  }
}
