"""Times pycrdt (Yrs) on the inputs that EngineBenchmarks wrote: engine-peer.py FOLDER.

Prints "name<TAB>milliseconds", medians. Exits with 1 if pycrdt is not installed.
"""
import struct
import sys
import time

try:
    from pycrdt import Doc
except ImportError:
    sys.exit(1)


def read(name):
    data = open(f"{sys.argv[1]}/{name}", "rb").read()
    updates, offset = [], 0
    while offset < len(data):
        (length,) = struct.unpack_from("<I", data, offset)
        updates.append(data[offset + 4 : offset + 4 + length])
        offset += 4 + length
    return updates


def median(name, runs, body, setup=lambda: None):
    times = []
    for _ in range(runs):
        given = setup()
        start = time.perf_counter()
        body(given)
        times.append((time.perf_counter() - start) * 1000)
    print(f"{name}\t{sorted(times)[runs // 2]}", flush=True)


def loaded(*updates):
    doc = Doc()
    for update in updates:
        doc.apply_update(update)
    return doc


def replay(updates):
    def body(doc):
        total = [0]

        def listen(event):
            total[0] += len(event.update)

        subscription = doc.observe(listen)
        for update in updates:
            doc.apply_update(update)
        doc.unobserve(subscription)

    return body


typing, typed, workflow, edits = read("typing"), read("typed"), read("workflow"), read("workflow-edits")
median(f"typing: {len(typing)} updates one by one, with events", 3, replay(typing), Doc)
median("typing: loaded", 9, replay(typed), Doc)
median("workflow: loaded", 9, replay(workflow), Doc)
median(f"workflow: {len(edits)} updates one by one, with events", 3, replay(edits), lambda: loaded(*workflow))
document = loaded(*workflow)
median("workflow: encoded", 9, lambda _: document.get_update())
edited = loaded(*workflow, *edits[:-10])
known = edited.get_state()
for update in edits[-10:]:
    edited.apply_update(update)
median("workflow: diff for a peer 10 updates behind", 9, lambda _: edited.get_update(known))
