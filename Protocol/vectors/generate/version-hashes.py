#!/usr/bin/env python3
"""Hashes of workflow contents, worked out from Protocol/storage.md alone: version-hashes.jsonl is what this prints.

    Protocol/vectors/generate/version-hashes.py > Protocol/vectors/version-hashes.jsonl
"""

import hashlib
import json
import math
import random

NAMES = ["Fetch", "fetch 2", "Load-it", "Überweisung", "überweisung B", "ÉTÉ", "été 2", "ΣΟΣ", "日本", "Z", "_a", "İz", "e\u0301"]
BODIES = ["fn(s => s);", "", "// 🚀\nexecute();\r\n", "get('/p?q=\\\"ø\\\"');\t"]
TYPES = ["webhook", "cron", "kafka"]
CONDITIONS = ["always", "on_job_success", "on_job_failure", "js_expression"]


def lowered(text):
    """In lower case scalar by scalar: without what a word's end changes."""
    return "".join(scalar.lower() for scalar in text).encode()


def rounded(value):
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return math.ceil(value)
    if isinstance(value, list):
        return [rounded(element) for element in value]
    return {key: rounded(member) for key, member in value.items()}


def plain(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def text(value):
    return "" if value is None else {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value


def part(entities, key, fields):
    """The values of some entities, in their order."""
    rows = [(key(entity), "".join(text(entity.get(field)) for field in fields).encode()) for entity in entities]
    return b"".join(row for _, row in sorted(rows))


def version_hash(workflow):
    jobs = {job["id"]: job["name"] for job in workflow["jobs"]}
    triggers = {trigger["id"]: trigger["type"] for trigger in workflow["triggers"]}
    edges = []
    for edge in workflow["edges"]:
        source = triggers.get(edge.get("source_trigger_id")) or jobs.get(edge.get("source_job_id")) or ""
        edges.append({**edge, "name": f"{source}-{jobs.get(edge.get('target_job_id'), '')}"})
    positions = workflow.get("positions")
    message = workflow["name"].encode()
    message += plain(rounded(positions)).encode() if positions else b""
    message += part(workflow["triggers"], lambda t: t["type"].encode(), ["cron_expression", "enabled", "type"])
    message += part(
        workflow["jobs"], lambda j: lowered(j["name"]),
        ["adaptor", "body", "keychain_credential_id", "name", "project_credential_id"])
    message += part(
        edges, lambda e: e["name"].encode(),
        ["condition_expression", "condition_label", "condition_type", "enabled", "name"])
    return hashlib.sha256(message).hexdigest()[:12]


def some(choices):
    return random.choice([None] + choices)


def workflow():
    def identifier():
        return "%08x-0000-4000-8000-%012x" % (random.getrandbits(32), random.getrandbits(48))

    jobs = [
        {
            "id": identifier(), "name": name, "body": random.choice(BODIES), "adaptor": some(["http@1", "dhis2@2"]),
            "project_credential_id": some(["p1"]), "keychain_credential_id": some(["k1"]),
        }
        for name in random.sample(NAMES, random.randrange(6))
    ]
    triggers = [
        {
            "id": identifier(), "type": random.choice(TYPES), "enabled": random.random() < 0.5,
            "cron_expression": some(["0 0 * * *", "5 4 * * 1"]),
        }
        for _ in range(random.randrange(4))
    ]
    edges = []
    for _ in range(random.randrange(2 * len(jobs) + 1)):
        edge = {
            "id": identifier(), "condition_type": random.choice(CONDITIONS), "enabled": random.random() < 0.5,
            "condition_expression": some(["state.n > 1"]), "condition_label": some(["many", "größer"]),
            "target_job_id": some([job["id"] for job in jobs]),
        }
        if triggers and random.random() < 0.3:
            edge["source_trigger_id"] = random.choice(triggers)["id"]
        else:
            edge["source_job_id"] = random.choice(jobs)["id"]
        edges.append(edge)
    numbers = [0, -0.5, 1.2, 7, 1e6, -3.0001, 0.1 + 0.2, -1e-9]
    positions = {
        node["id"]: {"x": random.choice(numbers), "y": random.choice(numbers)}
        for node in jobs + triggers if random.random() < 0.6
    }
    return {
        "id": identifier(), "name": random.choice(["Intake", "Sync 2", "Übersicht", "e\u0301"]),
        "jobs": jobs, "triggers": triggers, "edges": edges, "positions": some([positions]),
        "concurrency": some([3]), "enable_job_logs": True,
    }


random.seed(9)
for number in range(120):
    content = workflow()
    print(json.dumps({"content": json.dumps(content), "hash": version_hash(content)}))
