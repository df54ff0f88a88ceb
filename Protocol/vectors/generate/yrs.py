"""Histories whose every update was written by Yrs, through pycrdt. One JSON object per line on standard output."""

import base64
import json
import random

from pycrdt import Array, Doc, Map, Text

ROOTS = {"m": "map", "a": "array", "t": "text"}
WORDS = ["a", "é", "漢字", "lorem ", "\n", "def", "x" * 30]


def scalar(rng):
    return rng.choice(
        [None, True, False, 0, -7, 2**31, 2**40, 1.5, 0.1, "", "two", [1, "x"], {"k": [None, 2.5]}, b"\x01\x02\xff"]
    )


def value(rng):
    return rng.choice([scalar, scalar, lambda _: Map({"n": rng.randrange(9)}), lambda _: Array([1, "two"]),
                       lambda _: Text("inner ")])(rng)


def descend(rng, shared):
    while rng.random() < 0.7:
        if isinstance(shared, Map):
            children = [shared[key] for key in sorted(shared.keys())]
        elif isinstance(shared, Array):
            children = list(shared)
        else:
            return shared
        children = [child for child in children if isinstance(child, (Map, Array, Text))]
        if not children:
            return shared
        shared = rng.choice(children)
    return shared


def edit_text(rng, text):
    string = str(text)

    def offset(characters):
        """pycrdt counts the UTF-8 bytes of a text."""
        return len(string[:characters].encode())

    if string and rng.random() < 0.35:
        at = rng.randrange(len(string))
        del text[offset(at) : offset(at + rng.randrange(1, 6))]
    else:
        text.insert(offset(rng.randrange(len(string) + 1)), rng.choice(WORDS))


def edit_map(rng, shared):
    key = rng.choice(["k1", "k2", "ключ", "name"])
    if key in shared and rng.random() < 0.25:
        del shared[key]
    else:
        shared[key] = value(rng)


def edit_array(rng, shared):
    if len(shared) and rng.random() < 0.3:
        at = rng.randrange(len(shared))
        del shared[at : min(len(shared), at + rng.randrange(1, 4))]
    else:
        shared.insert(rng.randrange(len(shared) + 1), value(rng))


def record(name, seed):
    rng = random.Random(seed)
    clients = [rng.randrange(1, 2**32) for _ in range(rng.randrange(2, 5))]
    docs, updates, authors = [], [], []
    known = [0] * len(clients)
    for client in clients:
        doc = Doc(client_id=client)
        doc["m"], doc["a"], doc["t"] = Map(), Array(), Text()
        docs.append(doc)
    for _ in range(rng.randrange(60, 100)):
        index = rng.randrange(len(clients))
        doc = docs[index]
        if rng.random() < 0.4:
            # In the order of writing, so that nothing arrives before what it depends on.
            for update in updates[known[index] :]:
                doc.apply_update(update)
            known[index] = len(updates)
        written = []
        subscription = doc.observe(lambda event: written.append(event.update))
        shared = descend(rng, doc[rng.choice(["m", "a", "t"])])
        {Text: edit_text, Map: edit_map, Array: edit_array}[type(shared)](rng, shared)
        doc.unobserve(subscription)
        for update in written:
            updates.append(update)
            authors.append(clients[index])
    return {
        "id": name, "roots": ROOTS, "clients": clients, "authors": authors,
        "updates": [base64.b64encode(update).decode() for update in updates],
    }


for number in range(6):
    print(json.dumps(record(f"yrs/{number}", 5000 + number), ensure_ascii=False))
