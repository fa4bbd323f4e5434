"""What may be stale and what may not, under concurrent changes, searches, refreshes, expiry and failures."""

import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from personal_pipeline.services.search_runbooks import CachePolicy
from tests.measured import record
from tests.property import known_bad
from tests.property.cache_machine import CacheMachine

STEPS = 60_000
EPISODE = 500  # steps on one cache
KNOWN_BAD_STEPS = 20_000  # at most, to each
IN_THE_CLOUD = CachePolicy(2.0, 3600.0, 60.0, 86400.0, 300.0)
READ_EACH_TIME = CachePolicy(0.0, 3600.0, 60.0, 86400.0, 300.0)
ON_ONE_MACHINE = CachePolicy(0.0, 3600.0, 60.0, 86400.0, 0.0)
POLICIES = (IN_THE_CLOUD, READ_EACH_TIME, ON_ONE_MACHINE)


def test_no_answer_breaks_a_rule():
    began = time.perf_counter()
    answers: Counter[str] = Counter()

    for machine in played("rules", STEPS):
        answers += Counter(machine.judge.answers)
        assert not machine.judge.wrong, "\n".join([*machine.log[-100:], *machine.judge.wrong])

    every_kind = {"l1", "l2", "index", "index cache", "stale refreshing", "stale index", "keys index"}
    assert every_kind <= answers.keys(), "a rule that nothing came under was not tested"
    seconds = round(time.perf_counter() - began, 1)
    record("cache property", STEPS, "steps", wrong=0, seconds=seconds, answers=dict(answers))


def test_nothing_is_served_stale_on_one_machine_while_the_index_answers(tmp_path):
    answers: Counter[str] = Counter()

    for machine in played("one machine", 5_000, (ON_ONE_MACHINE,)):
        answers += Counter(machine.judge.answers)

    assert "stale refreshing" not in answers
    assert answers["stale index"]


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("generations read after the index was asked", {"make_search": known_bad.StampedLateSearch}),
        ("bump before the index is written", {"make_ingest": known_bad.BumpedEarlyIngest}),
        ("key without the caller's groups", {"make_query": known_bad.ScopelessQuery}),
        ("deletes bump content only", {"wrap_cache": known_bad.OneGenerationCache}),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
@pytest.mark.parametrize("policy", POLICIES, ids=["cloud", "read-each-time", "one-machine"])
def test_the_property_finds_a_known_bad_variant(name, variant, policy):
    steps = 0
    for machine in played("known bad", KNOWN_BAD_STEPS, (policy,), **variant):
        steps += machine.time.moment
        if machine.judge.wrong:
            break

    assert machine.judge.wrong
    record(
        f"known-bad cache: {name}",
        steps,
        "steps until found",
        generation_max_age_seconds=policy.generation_max_age_seconds,
    )


def played(seed: str, steps: int, policies: tuple[CachePolicy, ...] = POLICIES, **variant: Any) -> Any:
    """Episodes of each policy, together so many steps."""
    for number in range(steps // EPISODE):
        with TemporaryDirectory(dir=memory(), prefix="cache-") as folder:
            policy = policies[number % len(policies)]
            machine = CacheMachine(f"{seed}/{number}", Path(folder), policy, **variant)
            machine.run(EPISODE)
            yield machine


def memory() -> Path | None:
    place = Path("/dev/shm")
    return place if place.is_dir() else None
