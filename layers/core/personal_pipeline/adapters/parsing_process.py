"""Parsing in a process of its own, so that no document can take the function down with it.

One child, a fresh interpreter, parses one document after another under a memory limit; pipes only,
because Lambda has no shared memory. A document that runs out of time or memory, or kills the child,
is refused alone, and the next one gets a new child. The child sees none of our environment: it holds
no credentials.
"""

import json
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time
import traceback
import weakref
from pathlib import Path
from typing import BinaryIO

import personal_pipeline
from personal_pipeline.domain.documents import Block, ParsedDocument
from personal_pipeline.domain.errors import InvalidDocumentError, UnavailableError
from personal_pipeline.domain.parsing import MAX_RAW_BYTES, parse_document

START_SECONDS = 30.0  # a cold disk in a new Lambda environment
_PASSED_ON = ("LD_LIBRARY_PATH", "PATH", "SYSTEMROOT")  # Lambda's interpreter finds its library by the first
_STOPPED = {-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}  # somebody stops everything: not the document's doing
_REQUEST = struct.Struct(">II")  # length of the key, of the body
_REPLY = struct.Struct(">cI")  # kind, length of what follows
_READY, _PARSED, _REFUSED, _EXHAUSTED, _FAILED = b"r", b"p", b"i", b"m", b"x"


class InlineParser:
    """In this very process: for tests, and where every document is one's own."""

    def parse(self, key: str, body: bytes) -> ParsedDocument:
        return _parsed(key, body)


class ProcessParser:
    def __init__(self, timeout_seconds: float, memory_bytes: int) -> None:
        self._timeout = timeout_seconds
        self._memory = memory_bytes
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def parse(self, key: str, body: bytes) -> ParsedDocument:
        if len(body) > MAX_RAW_BYTES:
            return parse_document(key, body)  # refuses it before it reads anything
        with self._lock:
            return self._parse(key, body)

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _parse(self, key: str, body: bytes) -> ParsedDocument:
        while True:
            child = self._running()
            is_first = child.served == 0
            try:
                kind, payload = child.ask(key, body, self._timeout)
            except TimeoutError as error:
                self._drop()
                raise InvalidDocumentError(
                    f"document {key!r} takes longer than {self._timeout:g} seconds to parse: split it by topic"
                ) from error
            except EOFError as error:
                code = self._drop()
                if code in _STOPPED:
                    raise UnavailableError("the parsing process was stopped: try again") from error
                kind, payload = _EXHAUSTED, str(code).encode()
            if kind == _PARSED:
                return _decoded(payload)
            if kind == _REFUSED:
                raise InvalidDocumentError(payload.decode())
            self._drop()
            if is_first:  # otherwise it may have been what earlier documents left behind
                raise InvalidDocumentError(_failure(key, kind, payload))

    def _running(self) -> "_Child":
        if self._child and self._child.owner != os.getpid():
            self._child = None  # a fork: the pipes belong to the other process
        if self._child is None:
            self._child = _Child(self._timeout, self._memory)
        return self._child

    def _drop(self) -> int | None:
        child, self._child = self._child, None
        return child.end() if child else None


class _Child:
    """The parent's side of the pipes."""

    def __init__(self, timeout: float, memory: int) -> None:
        self.owner = os.getpid()
        self.served = 0
        package = str(Path(personal_pipeline.__file__).resolve().parents[1])
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join([package, *filter(None, sys.path)])
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "personal_pipeline.adapters.parsing_process", str(timeout), str(memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                env=environment,
            )
        except OSError as error:
            raise UnavailableError(f"the parsing process does not start: {error}") from error
        self._finalizer = weakref.finalize(self, _end, self._process, self.owner)
        assert self._process.stdin  # noqa: S101 - as asked for above
        assert self._process.stdout  # noqa: S101
        self._requests, self._replies = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._requests, False)
        try:
            self._receive(time.monotonic() + START_SECONDS)
        except (EOFError, TimeoutError) as error:
            self.end()
            raise UnavailableError(
                "the parsing process does not start: see its error output, and whether parse_memory_bytes is enough"
            ) from error

    def ask(self, key: str, body: bytes, timeout: float) -> tuple[bytes, bytes]:
        """Raises TimeoutError, and EOFError when the child is gone."""
        deadline = time.monotonic() + timeout
        name = key.encode(errors="surrogatepass")
        self._send(_REQUEST.pack(len(name), len(body)) + name + body, deadline)
        reply = self._receive(deadline)
        self.served += 1
        return reply

    def end(self) -> int | None:
        self._finalizer()
        return self._process.returncode

    def _send(self, data: bytes, deadline: float) -> None:
        left = memoryview(data)
        while left:
            self._wait(self._requests, select.POLLOUT, deadline)
            try:
                left = left[os.write(self._requests, left) :]
            except BlockingIOError:
                continue
            except BrokenPipeError as error:
                raise EOFError from error

    def _receive(self, deadline: float) -> tuple[bytes, bytes]:
        kind, length = _REPLY.unpack(self._read(_REPLY.size, deadline))
        return kind, self._read(length, deadline)

    def _read(self, length: int, deadline: float) -> bytes:
        parts = bytearray()
        while len(parts) < length:
            self._wait(self._replies, select.POLLIN, deadline)
            part = os.read(self._replies, length - len(parts))
            if not part:
                raise EOFError
            parts += part
        return bytes(parts)

    def _wait(self, pipe: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(pipe, event)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise TimeoutError


def _end(process: subprocess.Popen[bytes], owner: int) -> None:
    """Kill it and wait for it; after a fork only the process that started it does."""
    if owner == os.getpid():
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def _failure(key: str, kind: bytes, payload: bytes) -> str:
    if kind == _FAILED:
        return (
            f"document {key!r} could not be parsed ({payload.decode()}): report it, and simplify its markup meanwhile"
        )
    return f"document {key!r} needs more memory to parse than it may have: split it by topic"


def _parsed(key: str, body: bytes) -> ParsedDocument:
    from personal_pipeline.domain.extract.documents import with_structure  # the parent of the child needs no rules

    return with_structure(key, body, parse_document(key, body))


def _encoded(parsed: ParsedDocument) -> bytes:
    """Headings once each: a thousand blocks may stand under the same."""
    headings = {path: number for number, path in enumerate(dict.fromkeys(block.heading for block in parsed.blocks))}
    blocks = [
        (headings[block.heading], block.kind, block.text, block.start, block.end, block.language)
        for block in parsed.blocks
    ]
    document = (
        parsed.title,
        list(headings),
        blocks,
        parsed.front_matter,
        parsed.warnings,
        parsed.links,
        parsed.structure,
        parsed.written,
    )
    return json.dumps(document, separators=(",", ":")).encode()


def _decoded(payload: bytes) -> ParsedDocument:
    title, headings, blocks, front_matter, warnings, links, structure, written = json.loads(payload)
    paths = [tuple(path) for path in headings]
    return ParsedDocument(
        title,
        tuple(
            Block(paths[heading], kind, text, start, end, language)
            for heading, kind, text, start, end, language in blocks
        ),
        front_matter,
        tuple(warnings),
        {alert: tuple(leads_to) for alert, leads_to in links.items()},
        structure,
        written,
    )


def serve(requests: BinaryIO, replies: BinaryIO, timeout: float) -> None:
    """The child's side: until the parent closes its end or dies."""
    _parsed("ready/or.md", b"# not")  # too little memory for this is too little for any document
    _reply(replies, _READY, b"")
    while len(header := requests.read(_REQUEST.size)) == _REQUEST.size:
        name, length = _REQUEST.unpack(header)
        key = requests.read(name).decode(errors="surrogatepass")
        body = requests.read(length)
        # ends the child should the parent die meanwhile, or only believe to have killed it
        signal.setitimer(signal.ITIMER_REAL, 2 * timeout + 1)
        kind, payload = _answer(key, body)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _reply(replies, kind, payload)


def _answer(key: str, body: bytes) -> tuple[bytes, bytes]:
    try:
        return _PARSED, _encoded(_parsed(key, body))
    except InvalidDocumentError as error:
        return _REFUSED, str(error).encode(errors="replace")
    except MemoryError:
        return _EXHAUSTED, b""
    except Exception as error:  # noqa: BLE001 - reported to the parent, which names the document
        place = traceback.extract_tb(error.__traceback__)[-1]
        return _FAILED, f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}".encode()


def _reply(replies: BinaryIO, kind: bytes, payload: bytes) -> None:
    replies.write(_REPLY.pack(kind, len(payload)) + payload)
    replies.flush()


def _limit(memory: int) -> None:
    import resource

    for limit, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
        try:
            resource.setrlimit(limit, (most, most))
        except (ValueError, OSError):  # macOS has no such limit: there the time limit stands alone
            print("the parsing process runs without a memory limit here", file=sys.stderr)  # noqa: T201


def main(arguments: list[str]) -> None:
    timeout, memory = float(arguments[0]), int(arguments[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends us
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a parser prints must not get between the replies
    _limit(memory)
    serve(sys.stdin.buffer, replies, timeout)


if __name__ == "__main__":
    main(sys.argv[1:])
