"""Answers questions about Yrs through pycrdt, one line of JSON each: {"apply": [updates in causal order]}."""

import base64
import json
import sys

from pycrdt import Array, Doc, Map, Text


def delta(text):
    operations = []
    for content, attributes in text.diff():
        operation = {"insert": content}
        if attributes:
            operation["attributes"] = attributes
        operations.append(operation)
    return operations


def apply(updates):
    doc = Doc(client_id=4294967295)
    text, entries, elements = doc.get("t", type=Text), doc.get("m", type=Map), doc.get("a", type=Array)
    for update in updates:
        doc.apply_update(base64.b64decode(update))
    plain = {"t": str(text), "m": entries.to_py() or {}, "a": elements.to_py() or []}
    return {
        "json": json.dumps(plain),
        "delta": json.dumps(delta(text)),
        "vector": base64.b64encode(doc.get_state()).decode(),
        "v1": base64.b64encode(doc.get_update()).decode(),
    }


for line in sys.stdin:
    try:
        answer = apply(json.loads(line)["apply"])
    except Exception as error:  # whatever Yrs raises is an answer
        answer = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
