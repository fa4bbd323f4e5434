"""A system that always takes the same time to answer: what a generator says of it is what the generator adds."""

import asyncio
import sys

ANSWER = b'{"semantic": false, "hits": [], "suggestions": [], "id": "x", "status": "ok"}'
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-cache: l1\r\ncontent-length: %d\r\n\r\n"


class _Stub(asyncio.Protocol):
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """A whole request each time: they are small, and none is sent before the last is answered."""
        asyncio.get_running_loop().call_later(self._seconds, self._answer)

    def _answer(self) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.write(HEAD % len(ANSWER) + ANSWER)


async def main(seconds: float) -> None:
    """Prints its port, and ends when its input does."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Stub(seconds), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
