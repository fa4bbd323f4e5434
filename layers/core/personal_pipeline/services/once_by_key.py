"""Answers a repeated write as it was answered first, by the key that its caller chose for it.

The key is taken before the work is done, and the answer kept after it. Who comes in between, or after a process that
died, does the work again: it must bear that.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

from personal_pipeline.domain.errors import ReusedKeyError
from personal_pipeline.ports import Record, Records

KEPT_SECONDS = 86_400.0


class OnceByKey:
    def __init__(self, records: Records, clock: Callable[[], float]) -> None:
        self._records = records
        self._clock = clock

    def __call__(self, caller: str, key: str, request: bytes, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Keys of one caller say nothing about another's. What ``work`` raises is not kept.

        Raises ReusedKeyError when the key came with another request, TableUnavailableError.
        """
        place = (f"ONCE#{_digest(caller)}", _digest(key))
        said = {"request": sha256(request).hexdigest()}
        record = Record(*place, json.dumps(said), self._clock() + KEPT_SECONDS)
        if not self._records.put(record):
            known = self._records.get([place]).get(place)
            if known is not None:
                found = json.loads(known.body)
                if found["request"] != said["request"]:
                    raise ReusedKeyError(
                        "this Idempotency-Key came with another body within the last day: choose a new key for it"
                    )
                if "answer" in found:
                    return dict(found["answer"])
        answer = work()
        kept = self._records.get([place]).get(place)
        if kept is not None:
            self._records.put(replace(kept, body=json.dumps(said | {"answer": answer})))
        return answer


def _digest(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:40]
