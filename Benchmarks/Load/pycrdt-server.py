"""The peer in Python: pycrdt's websocket server, documents in memory, on the port that is given."""
import asyncio
import sys

from pycrdt.websocket import WebsocketServer
from websockets import serve


class Channel:
    """What the server takes for a websocket."""

    def __init__(self, socket):
        self.socket = socket
        self.path = socket.request.path

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return await self.socket.recv()
        except Exception:
            raise StopAsyncIteration from None

    async def send(self, message):
        await self.socket.send(message)

    async def recv(self):
        return await self.socket.recv()


async def main():
    server = WebsocketServer(auto_clean_rooms=True)
    starting = asyncio.Lock()

    async def connected(socket):
        channel = Channel(socket)
        # Of two that come to a new room at once the server turns the second one away.
        async with starting:
            await server.get_room(channel.path)
        await server.serve(channel)

    async with server, serve(connected, "127.0.0.1", int(sys.argv[1]), max_size=None, compression=None):
        await asyncio.Future()


asyncio.run(main())
