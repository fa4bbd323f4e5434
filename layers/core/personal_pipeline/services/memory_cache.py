"""The in-process cache tier: bounded by bytes, evicting by SIEVE, expiring by time to live.

SIEVE (Zhang et al., NSDI 2024) keeps entries in order of insertion and moves one hand over them: an
entry that was hit since the hand passed gets another round, the first that was not is evicted. A hit
only sets a mark, so it costs a dictionary look-up, and one-off queries leave before popular ones.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(slots=True, eq=False)
class _Node(Generic[Value]):
    key: str
    value: Value
    size: int
    expires_at: float
    was_hit: bool = False
    newer: "_Node[Value] | None" = None
    older: "_Node[Value] | None" = None


class MemoryCache(Generic[Value]):
    """Times are seconds of the given clock; ``size_of`` is asked once, when a value is put."""

    def __init__(self, max_bytes: int, ttl_seconds: float, size_of: Callable[[Value], int]) -> None:
        self._max_bytes = max_bytes
        self._ttl_seconds = ttl_seconds
        self._size_of = size_of
        self._nodes: dict[str, _Node[Value]] = {}
        self._newest: _Node[Value] | None = None
        self._oldest: _Node[Value] | None = None
        self._hand: _Node[Value] | None = None
        self.bytes = 0
        self.evictions = 0

    def __len__(self) -> int:
        return len(self._nodes)

    def get(self, key: str, now: float) -> Value | None:
        node = self._nodes.get(key)
        if node is None:
            return None
        if now >= node.expires_at:
            self._unlink(node)
            return None
        node.was_hit = True
        return node.value

    def put(self, key: str, value: Value, now: float) -> None:
        """A value larger than the whole cache is not kept."""
        self.drop(key)
        size = len(key) + self._size_of(value)
        if size > self._max_bytes:
            return
        while self.bytes + size > self._max_bytes:
            self._evict()
        node = _Node(key, value, size, now + self._ttl_seconds, older=self._newest)
        if self._newest is not None:
            self._newest.newer = node
        self._newest = node
        self._oldest = self._oldest or node
        self._nodes[key] = node
        self.bytes += size

    def drop(self, key: str) -> None:
        node = self._nodes.get(key)
        if node is not None:
            self._unlink(node)

    def clear(self) -> None:
        self._nodes.clear()
        self._newest = self._oldest = self._hand = None
        self.bytes = 0

    def _evict(self) -> None:
        hand = self._hand or self._oldest
        while hand is not None and hand.was_hit:
            hand.was_hit = False
            hand = hand.newer or self._oldest
        if hand is not None:
            self._hand = hand.newer
            self._unlink(hand)
            self.evictions += 1

    def _unlink(self, node: _Node[Value]) -> None:
        if self._hand is node:
            self._hand = node.newer
        if node.older is not None:
            node.older.newer = node.newer
        else:
            self._oldest = node.newer
        if node.newer is not None:
            node.newer.older = node.older
        else:
            self._newest = node.older
        node.newer = node.older = None
        self.bytes -= node.size
        del self._nodes[node.key]
