"""The in-process cache against a dictionary that forgets nothing by itself, and against LRU."""

from collections import OrderedDict
from random import Random

from hypothesis import given, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from personal_pipeline.services.memory_cache import MemoryCache

KEYS = st.sampled_from([f"k{n}" for n in range(12)])
SIZES = st.integers(0, 40)
LARGEST = 100
SECONDS = 10.0


class MemoryCacheMachine(RuleBasedStateMachine):
    """``model`` has all that was put and not dropped: the cache may hold less, and nothing else."""

    @initialize()
    def begin(self) -> None:
        self.cache: MemoryCache[bytes] = MemoryCache(LARGEST, SECONDS, len)
        self.model: dict[str, tuple[bytes, float]] = {}
        self.now = 0.0

    @rule(key=KEYS, size=SIZES)
    def put(self, key: str, size: int) -> None:
        value = bytes([len(self.model)]) * size
        self.model[key] = (value, self.now + SECONDS)
        self.cache.put(key, value, self.now)
        assert self.cache._nodes[key].value == value, "what was just put is there, and not yet marked as hit"

    @rule(key=KEYS)
    def put_too_much(self, key: str) -> None:
        self.cache.put(key, bytes(LARGEST), self.now)
        self.model.pop(key, None)
        assert self.cache.get(key, self.now) is None

    @rule(key=KEYS)
    def get(self, key: str) -> None:
        found = self.cache.get(key, self.now)
        value, expires_at = self.model.get(key, (None, 0.0))
        assert found is None or (found == value and self.now < expires_at)

    @rule(key=KEYS)
    def drop(self, key: str) -> None:
        self.cache.drop(key)
        self.model.pop(key, None)

    @rule()
    def clear(self) -> None:
        self.cache.clear()
        self.model.clear()

    @rule(seconds=st.sampled_from([0.5, 5.0, SECONDS]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def it_is_bounded_and_linked_both_ways(self) -> None:
        upwards = []
        node = self.cache._oldest
        while node is not None:
            upwards.append(node)
            node = node.newer
        downwards = []
        node = self.cache._newest
        while node is not None:
            downwards.append(node)
            node = node.older
        assert upwards == downwards[::-1]
        assert {node.key: node for node in upwards} == self.cache._nodes
        assert len(upwards) == len(self.cache)
        assert self.cache.bytes == sum(len(node.key) + len(node.value) for node in upwards) <= LARGEST
        assert self.cache._hand is None or self.cache._hand in upwards


TestMemoryCache = seed(20261123)(
    settings(max_examples=150, stateful_step_count=60, deadline=None, database=None)(MemoryCacheMachine)
).TestCase


@seed(20261123)
@settings(max_examples=200, deadline=None, database=None)
@given(hits=st.sets(st.integers(0, 9), min_size=1, max_size=9))
def test_an_entry_that_was_hit_since_the_hand_passed_gets_another_round(hits):
    cache: MemoryCache[bytes] = MemoryCache(20, SECONDS, lambda _: 1)  # ten entries: a letter and a byte each
    for n in range(10):
        cache.put(str(n), b"", 0.0)
    for n in hits:
        cache.get(str(n), 0.0)

    for n in range(10 - len(hits)):
        cache.put("abcdefghij"[n], b"", 0.0)

    assert {key for key in cache._nodes if key.isdigit()} == {str(n) for n in hits}


def test_everything_was_hit_and_something_still_leaves():
    cache: MemoryCache[bytes] = MemoryCache(20, SECONDS, lambda _: 1)
    for n in range(10):
        cache.put(str(n), b"", 0.0)
        cache.get(str(n), 0.0)

    cache.put("a", b"", 0.0)

    assert len(cache) == 10
    assert cache.get("0", 0.0) is None, "the hand went round once and came back to the oldest"


def test_sieve_keeps_more_of_what_is_asked_again_than_lru():
    """Zipf over 2,000 questions, and every third asked once only, in a cache of 100."""
    draw = Random(20261123)
    popular = draw.choices(range(2_000), [1 / (rank + 1) for rank in range(2_000)], k=40_000)
    asked = [f"once {n}" if draw.random() < 0.33 else f"again {key}" for n, key in enumerate(popular)]

    sieve: MemoryCache[bytes] = MemoryCache(100, SECONDS, lambda _: 0)
    sieve_hits = 0
    numbers = {key: chr(n + 0x100) for n, key in enumerate(dict.fromkeys(asked))}  # one character, one byte to count
    for key in asked:
        if sieve.get(numbers[key], 0.0) is not None:
            sieve_hits += 1
        else:
            sieve.put(numbers[key], b"", 0.0)

    assert len(sieve) == 100

    assert sieve_hits > 1.1 * hits_of_lru(asked, size=100)


def hits_of_lru(asked: list[str], size: int) -> int:
    held: OrderedDict[str, None] = OrderedDict()
    hits = 0
    for key in asked:
        if key in held:
            held.move_to_end(key)
            hits += 1
            continue
        held[key] = None
        if len(held) > size:
            held.popitem(last=False)
    return hits
