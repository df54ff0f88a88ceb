"""pycrdt (Yrs) as the engine's peer: peer.py FOLDER [MEMORY-ROW]

Prints its name, then for every line read, the name of a workload, the milliseconds of one run ("-" if it has none). The
extension's own objects are used instead of the wrappers, so that little Python is measured. With a memory row it prints
by how many bytes the process grows when the document is loaded.
"""
import gc
import importlib.metadata
import json
import os
import struct
import sys
import time

try:
    from pycrdt._pycrdt import Doc, get_update, merge_updates
except ImportError:
    sys.exit(1)

folder = sys.argv[1]


def read(name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def read_list(name):
    data, offset, updates = read(name), 0, []
    while offset < len(data):
        (length,) = struct.unpack_from("<I", data, offset)
        updates.append(data[offset + 4 : offset + 4 + length])
        offset += 4 + length
    return updates


def new_doc():
    for count in (3, 2, 1):
        try:
            return Doc(*([None] * count))
        except TypeError:
            pass
    raise SystemExit("this pycrdt makes documents in a way we do not know")


def in_transaction(doc, body):
    transaction = doc.create_transaction()
    result = body(transaction)
    transaction.commit()
    transaction.drop()
    return result


def apply(doc, update):
    in_transaction(doc, lambda transaction: doc.apply_update(transaction, update))


def loaded(update):
    doc = new_doc()
    apply(doc, update)
    return doc


def replay(doc, updates):
    total = [0]

    def listen(event):
        total[0] += len(event.update)

    subscription = doc.observe(listen)
    for update in updates:
        apply(doc, update)
    return subscription


def author(edits):
    doc = new_doc()
    text = in_transaction(doc, lambda transaction: doc.get_or_insert_text(transaction, "text"))
    total = [0]

    def listen(event):
        total[0] += len(event.update)

    subscription = doc.observe(listen)
    for index, deleted, *inserted in edits:
        transaction = doc.create_transaction()
        if deleted:
            text.remove_range(transaction, index, index + deleted)
        if inserted and inserted[0]:
            text.insert(transaction, index, inserted[0], None)
        transaction.commit()
        transaction.drop()
    return subscription


def trace():
    for place in (folder, os.path.dirname(os.path.abspath(folder))):
        path = os.path.join(place, "b4-trace.json")
        if os.path.exists(path):
            with open(path) as file:
                return json.load(file)["edits"]
    return []


def once(value):
    """Calls `value` when it is first needed."""
    cache = []

    def get():
        if not cache:
            cache.append(value())
        return cache[0]

    return get


b4 = once(lambda: read_list("b4-updates-v1.lp"))
b4_full = once(lambda: read("b4-full-v1.bin"))
wf50 = once(lambda: read("wf50-full-v1.bin"))
wf500 = once(lambda: read("wf500-full-v1.bin"))
stream = once(lambda: read_list("stream50-v1.lp"))
large = once(lambda: loaded(wf500()))
edited_bytes = once(lambda: read("stream500-final-v1.bin"))
edited = once(lambda: loaded(edited_bytes()))
behind = once(lambda: read("stream500-sv-minus10.bin"))
edits = once(trace)
nothing = lambda: None

# name: (preparation of one run, the run)
workloads = {
    "B4: updates one by one, with events": (new_doc, lambda doc: replay(doc, b4())),
    "B4: loaded": (new_doc, lambda doc: apply(doc, b4_full())),
    "wf50: small updates one by one, with events": (lambda: loaded(wf50()), lambda doc: replay(doc, stream())),
    "wf50: loaded": (new_doc, lambda doc: apply(doc, wf50())),
    "wf500: loaded": (new_doc, lambda doc: apply(doc, wf500())),
    "wf500: encoded": (
        large, lambda doc: in_transaction(doc, lambda transaction: doc.get_update(transaction, b"\0"))),
    "wf500: diff for a peer 10 updates behind": (
        edited, lambda doc: in_transaction(doc, lambda transaction: doc.get_update(transaction, behind()))),
    "wf50: small updates merged without a document": (nothing, lambda _: merge_updates(tuple(stream()))),
    "wf500: diff without a document": (nothing, lambda _: get_update(edited_bytes(), behind())),
}


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if len(sys.argv) > 2:
    update = {"wf500": wf500, "B4": b4_full}[sys.argv[2]]()
    warm = loaded(read("wf5-full-v1.bin"))
    gc.collect()
    before = resident()
    doc = loaded(update)
    gc.collect()
    print(resident() - before)
    sys.exit()

for get in (b4, b4_full, wf50, wf500, stream, large, edited, behind):
    get()
print("pycrdt " + importlib.metadata.version("pycrdt"), flush=True)
def measure(count, prepare, run):
    """Milliseconds of one run, the mean of `count`."""
    given = [prepare() for _ in range(count)]
    kept = []
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    for each in given:
        kept.append(run(each))
    elapsed = (time.perf_counter() - start) * 1000 / count
    gc.enable()
    return elapsed


# How often a workload is done in one measurement: as often as takes 25 ms, like ours.
counts = {}
for line in sys.stdin:
    name = line.strip()
    known = workloads.get(name)
    if not known:
        print("-", flush=True)
        continue
    if name not in counts:
        counts[name] = max(1, min(2000, int(25 / max(measure(1, *known), 0.002)) + 1))
    print(measure(counts[name], *known), flush=True)
