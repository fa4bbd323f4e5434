"""Embedding models behind Bedrock's HTTP interface: vectors of words, and the refusals of the real models."""

import json
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote


class _RefusedError(Exception):
    pass


@contextmanager
def bedrock() -> Iterator[str]:
    """The endpoint's URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        _, _, model_id, _ = unquote(self.path).split("/")
        try:
            self._answer(200, _titan(body) if model_id.startswith("amazon.") else _cohere(body, "v4" in model_id))
        except _RefusedError as refused:
            self._answer(400, {"message": str(refused)}, "ValidationException")

    def _answer(self, status: int, body: dict[str, Any], error: str = "") -> None:
        answer = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        if error:
            self.send_header("X-Amzn-ErrorType", error)
        self.end_headers()
        self.wfile.write(answer)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


def _titan(body: dict[str, Any]) -> dict[str, Any]:
    _only(body, {"inputText", "dimensions", "normalize"})
    text = body["inputText"]
    if not 1 <= len(text) <= 50_000 or body["dimensions"] not in {256, 512, 1024}:
        raise _RefusedError("Malformed input request")
    return {"embedding": _vector(text, body["dimensions"], 1.0), "inputTextTokenCount": len(text.split())}


def _cohere(body: dict[str, Any], is_fourth: bool) -> dict[str, Any]:
    _only(body, {"texts", "input_type", "embedding_types", "truncate"} | ({"output_dimension"} if is_fourth else set()))
    dimensions = body.get("output_dimension", 1024)
    is_long = not is_fourth and any(len(text) > 2048 for text in body["texts"])
    cuts = {"NONE", "LEFT", "RIGHT"} if is_fourth else {"NONE", "START", "END"}
    if is_long or not 1 <= len(body["texts"]) <= 96 or not all(map(str.strip, body["texts"])):
        raise _RefusedError("1 to 96 texts of 1 to 2048 characters")
    if body["input_type"] not in {"search_document", "search_query"} or body["truncate"] not in cuts:
        raise _RefusedError("no such input_type or truncate")
    vectors = [_vector(text, dimensions, 7.0) for text in body["texts"]]
    return {"id": "1", "response_type": "embeddings_by_type", "embeddings": {"float": vectors}, "texts": body["texts"]}


def _only(body: dict[str, Any], allowed: set[str]) -> None:
    if unknown := set(body) - allowed:
        raise _RefusedError(f"extraneous keys {sorted(unknown)}")


def _vector(text: str, dimensions: int, length: float) -> list[float]:
    """A direction for each word, added up."""
    numbers = [0.0] * dimensions
    for word in text.lower().split():
        for place in blake2b(word.encode(), digest_size=16).digest():
            numbers[place % dimensions] += 1.0
    norm = math.hypot(*numbers)
    return [number / norm * length for number in numbers]
