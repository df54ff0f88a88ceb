public import Workflow

/// Spans as OpenTelemetry's protocol has them in JSON: what a collector takes from a file with a request in each line, or over
/// HTTP.
public enum TraceExport {
  /// One export request.
  public static func request(_ spans: [Span]) -> JSONValue {
    let scope: JSONValue = ["scope": ["name": "heddle"], "spans": .array(spans.map(span))]
    return [
      "resourceSpans": [
        ["resource": ["attributes": attributes(["service.name": "heddle"])], "scopeSpans": [scope]]
      ]
    ]
  }

  private static func span(_ span: Span) -> JSONValue {
    var fields: [String: JSONValue] = [
      "traceId": .string(span.trace.traceID), "spanId": .string(span.trace.spanID), "name": .string(span.name),
      "kind": .number(Double(span.kind.rawValue)),
      "startTimeUnixNano": .string(String(span.start)), "endTimeUnixNano": .string(String(span.end)),
      "attributes": attributes(span.attributes),
    ]
    fields["parentSpanId"] = span.parent.map(JSONValue.string)
    return .object(fields)
  }

  private static func attributes(_ attributes: [String: String]) -> JSONValue {
    .array(
      attributes.sorted { $0.key < $1.key }.map { key, value in
        ["key": .string(key), "value": ["stringValue": .string(value)]]
      })
  }
}
