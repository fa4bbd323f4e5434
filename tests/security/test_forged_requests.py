"""Nobody gets an alert in who is not its sender, however it is tried; and every sender does.

``FULL_COUNTS=1`` tries as many as are promised. Each forgery follows a genuine request that is taken, so that an intake
that refuses everybody fails too; and intakes that are known to be bad are found out by the same trials.
"""

import os
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.measured import record
from tests.security import known_bad
from tests.security.attacks import ATTACKS, REPLAYS, Attack
from tests.security.intake import WAYS, Intake, a_body, proven, secrets_of

IS_FULL = os.environ.get("FULL_COUNTS") == "1"
TRIED = 10_000 if IS_FULL else 1_000
KNOWN_BAD = 2_000 if IS_FULL else 1_000
SEED = 20261129


@dataclass
class Trials:
    tried: Counter[str] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)
    crashed: list[str] = field(default_factory=list)
    genuine: int = 0
    refused: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.accepted or self.crashed or self.refused)


def trials(intake: Intake, count: int, seed: int = SEED) -> Trials:
    """Every attack on every source that it fits, again and again, each time with another body."""
    chance, done = Random(seed), Trials()
    pairs = cycle((source, attack) for attack in ATTACKS for source in WAYS)
    number = 0
    while done.tried.total() < count:
        source, attack = next(pairs)
        number += 1
        _try(intake, source, attack, number, chance, done)
    return done


def _try(intake: Intake, source: str, attack: Attack, number: int, chance: Random, done: Trials) -> None:
    live = secrets_of(source)
    genuine = proven(source, a_body(source, number), live[number % 2], intake.now)
    if not _takes(intake, genuine, f"{source}, genuine", done):
        done.refused.append(source)
    done.genuine += 1
    # What is no replay is made of a request that never arrived as often: then nothing but the proof can refuse it.
    is_intercepted = attack not in REPLAYS and chance.random() < 0.5
    original = proven(source, a_body(source, -number), live[number % 2], intake.now) if is_intercepted else genuine
    forged = attack(intake, original, chance)
    if forged is None:
        return
    name = attack.__name__.replace("_", " ")
    done.tried[name] += 1
    if _takes(intake, forged, f"{name}: {source}", done):
        done.accepted.append(f"{name}: {source}")


def _takes(intake: Intake, sent: Any, name: str, done: Trials) -> bool:
    try:
        return intake.takes(sent)
    except Exception as error:  # noqa: BLE001  # whatever it is, it would be a 500
        done.crashed.append(f"{name}: {type(error).__name__}: {error}")
        return False


def test_no_forged_altered_or_replayed_request_is_accepted(tmp_path: Path) -> None:
    done = trials(Intake(tmp_path), TRIED)

    assert done.accepted == []
    assert done.crashed == []
    assert done.refused == []
    assert done.tried.keys() == {attack.__name__.replace("_", " ") for attack in ATTACKS}
    print(f"{done.tried.total()} tried, 0 accepted, {done.genuine} genuine requests taken; {dict(done.tried)}")
    record("forged webhooks", done.tried.total(), "requests", accepted=0, genuine_taken=done.genuine, kinds=len(WAYS))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_each_attack_is_refused_for_every_source_that_it_fits(attack: Attack, tmp_path: Path) -> None:
    done, intake = Trials(), Intake(tmp_path)
    for number, source in enumerate(4 * list(WAYS)):
        _try(intake, source, attack, number, Random(number), done)

    assert done.tried.total()
    assert done.is_clean, done


@pytest.mark.parametrize(("name", "options"), known_bad.VARIANTS.items(), ids=list(known_bad.VARIANTS))
def test_an_intake_that_is_known_to_be_bad_is_found_out(name: str, options: dict[str, Any], tmp_path: Path) -> None:
    done = trials(Intake(tmp_path, **options), KNOWN_BAD)

    assert not done.is_clean
    found = len(done.accepted) + len(done.crashed) + len(done.refused)
    record(f"known-bad intake: {name}", found, "found", tried=KNOWN_BAD)
