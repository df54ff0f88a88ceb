"""A real client for tests: pycrdt with its Provider over a websocket, driven by one JSON object per line.

See README.md beside this file for the commands. pycrdt is another implementation of the document (Yrs) than node-yjs.
"""

import asyncio
import base64
import json
import os
import sys
from urllib.parse import quote

import websockets
from pycrdt import Array, Awareness, Decoder, Doc, Map, Provider, Text, UndoManager, YMessageType
from pycrdt import create_awareness_message, write_message, write_var_uint

SYNC_STATUS = 102
ROOTS = {"workflow": Map, "jobs": Array, "triggers": Array, "edges": Array, "positions": Map, "errors": Map}
KINDS = {"Map": Map, "Array": Array, "Text": Text}


class Channel:
    """What the provider reads from and writes to. Messages that it does not know are taken out on the way."""

    def __init__(self, client, socket):
        self.client, self.socket, self.path = client, socket, client.room

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return await self.recv()
        except websockets.ConnectionClosed:
            raise StopAsyncIteration from None

    async def send(self, message):
        try:
            await self.socket.send(message)
        except websockets.ConnectionClosed:
            pass

    async def recv(self):
        while True:
            message = await self.socket.recv()
            self.client.received(message)
            if message[0] == YMessageType.SYNC:
                asyncio.get_running_loop().call_soon(self.client.changed)
                return message


class Client:
    def __init__(self):
        self.doc = self.awareness = self.socket = self.task = self.provider = None
        self.acknowledged = self.last_counter = self.updates = self.largest = 0
        self.closes, self.denied, self.frames = [], [], {}
        self.condition = asyncio.Event()
        self.cursors, self.undo_manager = {}, None

    # Connection

    def open(self, url, room, clientID=None, connect=True, params=None):
        self.url, self.room, self.params = url, room, params or {}
        self.doc = Doc(client_id=clientID) if clientID is not None else Doc()
        self.roots = {}
        for name in ROOTS:
            self.root(name)
        self.doc.observe(self.updated)
        self.awareness = Awareness(self.doc)
        self.awareness.observe(self.awareness_changed)
        if connect:
            self.connect()
        return self.doc.client_id

    def address(self):
        query = "&".join(f"{name}={quote(value)}" for name, value in self.params.items())
        return f"{self.url}/{self.room}" + (f"?{query}" if query else "")

    async def comeBack(self, token):
        await self.disconnect()
        self.params["token"] = token
        return self.connect()

    async def reset(self):
        """Forgets the document, and everything that was seen: the next `open` begins anew."""
        await self.disconnect()
        self.__init__()
        return True

    def connect(self):
        self.task = asyncio.create_task(self.run())
        return True

    async def run(self):
        """Connects again and again, as the provider of y-websocket does."""
        delay = 0.1
        # A cancellation may get lost that comes while the provider ends.
        while self.task is asyncio.current_task():
            try:
                async with websockets.connect(self.address(), max_size=None) as socket:
                    self.socket, delay = socket, 0.1
                    self.changed()
                    async with Provider(self.doc, Channel(self, socket)) as self.provider:
                        synced = asyncio.create_task(self.announce())
                        await socket.wait_closed()
                        synced.cancel()
            except (OSError, websockets.WebSocketException) as error:
                self.closes.append({"code": 0, "reason": str(error)})
            finally:
                if self.socket is not None:
                    self.closes.append({"code": self.socket.close_code, "reason": self.socket.close_reason})
                self.socket = self.provider = None
                self.changed()
            await asyncio.sleep(delay)
            delay = min(2.5, delay * 2)

    async def announce(self):
        if self.awareness.get_local_state() is not None:
            await self.send_awareness([self.doc.client_id])
        await self.provider.synced.wait()
        self.changed()

    async def disconnect(self):
        if self.task is not None:
            socket, task = self.socket, self.task
            self.task = None
            if socket is not None:
                await socket.close()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return True

    def received(self, message):
        key = f"0/{message[1]}" if message[0] == 0 else str(message[0])
        self.frames[key] = self.frames.get(key, 0) + 1
        self.largest = max(self.largest, len(message))
        payload = Decoder(message[1:])
        if message[0] == YMessageType.AWARENESS:
            self.awareness.apply_awareness_update(payload.read_message(), "remote")
        elif message[0] == 2:
            payload.read_var_uint()
            self.denied.append(payload.read_var_string())
        elif message[0] == SYNC_STATUS:
            self.acknowledged = max(self.acknowledged, Decoder(payload.read_message()).read_var_uint())
        self.changed()

    def updated(self, _event):
        self.updates += 1
        self.changed()

    def awareness_changed(self, topic, event):
        self.changed()
        changes, origin = event
        # A removal of our own state by somebody else comes back to us with a raised clock: it has to be told.
        mine = self.doc.client_id in changes["added"] + changes["updated"] + changes["removed"]
        if topic == "update" and mine and self.socket is not None:
            asyncio.ensure_future(self.send_awareness([self.doc.client_id]))

    async def send_awareness(self, clients):
        try:
            await self.socket.send(create_awareness_message(self.awareness.encode_awareness_update(clients)))
        except (websockets.ConnectionClosed, AttributeError):
            pass

    def changed(self):
        self.condition.set()

    # The document

    def root(self, name):
        plain, _, kind = name.partition(":")
        if plain not in self.roots:
            self.roots[plain] = self.doc.get(plain, type=KINDS[kind] if kind else ROOTS.get(plain, Map))
        return self.roots[plain]

    def at(self, path):
        shared = self.root(path[0])
        for part in path[1:]:
            if isinstance(part, dict):
                shared = next(each for each in shared if each["id"] == part["id"])
            else:
                shared = shared[part]
        return shared

    def value_at(self, path):
        try:
            return plain(self.at(path)), True
        except (KeyError, IndexError, StopIteration):
            return None, False

    def edit(self, edits):
        with self.doc.transaction(origin="editor"):
            for each in edits:
                self.edit_one(**each)
        return self.stateVector()

    def edit_one(self, path, set=None, unset=None, insert=None, push=None, remove=None, value=None, values=None,
                 text=None, count=None):
        shared = self.at(path)
        if set is not None:
            shared[set] = fresh(value)
        elif unset is not None:
            del shared[unset]
        elif push is not None:
            shared.extend([fresh(each) for each in push])
        elif isinstance(shared, Text):
            string = str(shared)
            if insert is not None:
                at = len(shared) if insert < 0 else utf8_offset(string, insert)
                shared.insert(at, fresh(text))
            else:
                del shared[utf8_offset(string, remove) : utf8_offset(string, remove + count)]
        elif insert is not None:
            for index, each in enumerate(values):
                shared.insert(insert + index, fresh(each))
        else:
            del shared[remove : remove + count]

    def get(self, path):
        return self.value_at(path)[0]

    def json(self):
        return {name: plain(self.root(name)) for name in ROOTS}

    def stateVector(self):
        reader = Decoder(self.doc.get_state())
        return {str(reader.read_var_uint()): reader.read_var_uint() for _ in range(reader.read_var_uint())}

    def state(self):
        return base64.b64encode(self.doc.get_update()).decode()

    # Cursors and steps to undo

    def placeCursor(self, name, path, index):
        text = self.at(path)
        self.cursors[name] = text.sticky_index(utf8_offset(str(text), index))
        return True

    def cursor(self, name, path):
        text = self.at(path)
        with self.doc.transaction():
            offset = self.cursors[name].get_index()
        return len(str(text).encode()[:offset].decode().encode("utf-16-le")) // 2

    def trackUndo(self, paths):
        """Every edit becomes a step of its own. Yrs captures what has no origin, too, and so what the provider applies,
        unless told which origins to capture."""
        self.undo_manager = UndoManager(scopes=[self.at(path) for path in paths], capture_timeout_millis=0)
        self.undo_manager.include_origin("editor")
        return True

    def undoDepth(self):
        return [len(self.undo_manager.undo_stack), len(self.undo_manager.redo_stack)]

    def undo(self):
        self.undo_manager.undo()
        return self.undoDepth()

    def redo(self):
        self.undo_manager.redo()
        return self.undoDepth()

    # Awareness and the rest

    def set_awareness(self, state):
        self.awareness.set_local_state(state)
        return self.awareness.meta[self.doc.client_id]["clock"]

    def states(self):
        return {str(client): state for client, state in self.awareness.states.items()}

    def summary(self):
        return {
            "connected": self.socket is not None, "synced": self.is_synced(), "states": self.states(),
            "stateVector": self.stateVector(), "closes": self.closes, "denied": self.denied, "frames": self.frames,
            "updates": self.updates, "largestFrame": self.largest, "acknowledged": self.acknowledged,
        }

    def is_synced(self):
        return self.provider is not None and self.provider.synced.is_set()

    async def ask(self):
        await self.sent()
        self.last_counter += 1
        await self.socket.send(bytes([SYNC_STATUS]) + write_message(write_var_uint(self.last_counter)))
        return self.last_counter

    async def acknowledge(self, limit):
        await asyncio.wait_for(self.sent(), limit / 1000)
        return await self.wait({"acknowledged": await self.ask()}, limit)

    async def confirm(self, limit):
        """Waits until all of this document is stored, over as many connections as it takes: of a connection the second
        answer counts, since before it the client has answered the server's step 1."""
        async with asyncio.timeout(limit / 1000):
            while True:
                await self.until(self.is_synced)
                closes = len(self.closes)
                try:
                    for _ in range(2):
                        await self.sent()
                        number = await self.ask()
                        await self.until(lambda: self.acknowledged >= number or len(self.closes) > closes)
                except (AttributeError, websockets.ConnectionClosed):
                    await asyncio.sleep(0)
                    continue
                if len(self.closes) == closes:
                    return True

    async def until(self, holds):
        while not holds():
            self.condition.clear()
            await self.condition.wait()

    async def sent(self):
        # The provider sends updates from a task of its own: wait until it has nothing left to send. While the client
        # connects anew there is none.
        while self.provider is None or self.socket is None or not self.is_idle():
            await asyncio.sleep(0.001)

    def is_idle(self):
        queue = self.provider._events.statistics()
        return not queue.current_buffer_used and queue.tasks_waiting_receive

    def holds(self, condition):
        if "synced" in condition:
            return self.is_synced() == condition["synced"]
        if "connected" in condition:
            return (self.socket is not None) == condition["connected"]
        if "path" in condition:
            value, is_present = self.value_at(condition["path"])
            if "contains" in condition:
                return isinstance(value, str) and condition["contains"] in value
            if "length" in condition:
                return is_present and value is not None and utf16_length(value) == condition["length"]
            if "absent" in condition:
                return not is_present
            if "present" in condition:
                return is_present
            return is_present and value == condition["equals"]
        if "covers" in condition:
            own = self.stateVector()
            return all(own.get(client, 0) >= clock for client, clock in condition["covers"].items())
        if "client" in condition:
            return self.awareness.states.get(condition["client"]) == condition["state"]
        if "clients" in condition:
            return len(self.awareness.states) == condition["clients"]
        if "acknowledged" in condition:
            return self.acknowledged >= condition["acknowledged"]
        if "closes" in condition:
            return len(self.closes) >= condition["closes"]
        if "denied" in condition:
            return len(self.denied) >= condition["denied"]
        raise ValueError(f"unknown condition {condition}")

    async def wait(self, condition, limit):
        try:
            async with asyncio.timeout(limit / 1000):
                while not self.holds(condition):
                    self.condition.clear()
                    await self.condition.wait()
        except TimeoutError:
            found = self.value_at(condition["path"])[0] if "path" in condition else self.summary()
            raise RuntimeError(f"not within {limit} ms: {str(condition)[:300]}; it is {json.dumps(found)[:600]}") from None
        return True

    async def do(self, name, arguments):
        if name == "wait":
            return await self.wait(arguments["for"], arguments["limit"])
        if name == "awareness":
            return self.set_awareness(**arguments)
        if name == "send":
            return await self.socket.send(base64.b64decode(arguments["bytes"]))
        if name == "drop":
            task, self.task = self.task, None
            self.socket.transport.abort()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return True
        answer = getattr(self, name)(**arguments)
        return await answer if asyncio.iscoroutine(answer) else answer


def plain(value):
    """JSON of a value. Yrs reads the integers of Yjs as floats."""
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, (Map, Array)):
        return plain(value.to_py())
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def fresh(value):
    if isinstance(value, dict):
        if "$text" in value:
            return Text(value["$text"])
        if "$array" in value:
            return Array([fresh(each) for each in value["$array"]])
        if "$map" in value:
            return Map({key: fresh(each) for key, each in value["$map"].items()})
        if "$repeat" in value:
            return value["$repeat"] * value["count"]
    return value


def utf8_offset(string, utf16):
    """pycrdt counts the UTF-8 bytes of a text, the commands count UTF-16 as Yjs does."""
    return len(string.encode("utf-16-le")[: utf16 * 2].decode("utf-16-le").encode())


def utf16_length(value):
    return len(value.encode("utf-16-le")) // 2 if isinstance(value, str) else len(value)


async def main():
    client = Client()
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        number, name = command.pop("id"), command.pop("do")
        try:
            answer = {"id": number, "ok": await client.do(name, command)}
        except Exception as error:  # noqa: BLE001 - every failure goes back to the test
            answer = {"id": number, "error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    # Without a goodbye, and without waiting for anything that is still to be cancelled.
    os._exit(0)


asyncio.run(main())
