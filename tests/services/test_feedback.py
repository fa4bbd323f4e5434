"""What helped before comes first the next time, but never before an exact name."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from personal_pipeline.adapters.tantivy_index import TantivyIndex
from personal_pipeline.domain.alerts import Alert, RunbookMatch, Severity
from personal_pipeline.domain.errors import DocumentMissingError, TableUnavailableError
from personal_pipeline.domain.feedback import VOTE_SECONDS, signature
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.services.breaker import Breaker
from personal_pipeline.services.find_documents import FindDocuments
from personal_pipeline.services.give_feedback import GiveFeedback
from personal_pipeline.services.match_alert import MatchAlert
from personal_pipeline.services.read_document import ReadDocument
from personal_pipeline.services.recall_feedback import HOLD_SECONDS, RecallFeedback
from tests.contract.indexes import live

NOW = 1_800_000_000.0


class Votes:
    """An activity table that holds what it is given, counts its reads and can be down."""

    def __init__(self, votes: Mapping[str, tuple[float, float]] | None = None) -> None:
        self.votes = dict(votes or {})
        self.cast: list[tuple[Any, ...]] = []
        self.reads = 0
        self.is_down = False

    def feedback(self, kind: str) -> dict[str, tuple[float, float]]:
        self.reads += 1
        if self.is_down:
            raise TableUnavailableError("down")
        return self.votes if kind == signature("VolumeFills", "storage") else {}

    def vote(self, *said: Any) -> None:
        if self.is_down:
            raise TableUnavailableError("down")
        self.cast.append(said)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def an_alert(name: str = "VolumeFills", service: str = "storage") -> Alert:
    return Alert(
        source="alertmanager",
        name=name,
        status="firing",
        fingerprint="f",
        severity=Severity.CRITICAL,
        service=service,
        summary="the volume fills",
        description="",
        runbook_url="",
        starts_at=datetime(2026, 11, 28, tzinfo=UTC),
    )


@pytest.fixture
def index(tmp_path: Path) -> Iterator[TantivyIndex]:
    index = TantivyIndex(tmp_path, writer=True)
    index.prepare()
    index.apply(
        [
            live("a", path="a.md", title="A volume fills up", text="The volume fills. Grow it."),
            live("b", path="b.md", title="A volume fills fast", text="The volume fills. Delete what is old."),
        ]
    )
    yield index
    index.close()


def match(index: TantivyIndex, votes: Votes, alert: Alert | None = None) -> RunbookMatch:
    find = FindDocuments(index, Breaker(3, 2, lambda: 0.0), None, Breaker(3, 2, lambda: 0.0), lambda: NOW)
    catalog: Any = SimpleNamespace(cards=lambda keys: {})
    recall = RecallFeedback(votes, lambda: NOW)  # type: ignore[arg-type]
    return MatchAlert(catalog, find, recall_feedback=recall)(alert or an_alert())


def best(index: TantivyIndex, votes: Votes, alert: Alert | None = None) -> str:
    matched = match(index, votes, alert)
    return (matched.runbook or matched.also[0]).doc_id


@pytest.mark.parametrize(("helped", "other"), [("a", "b"), ("b", "a")])
def test_of_documents_that_fit_alike_the_one_that_helped_comes_first(
    index: TantivyIndex, helped: str, other: str
) -> None:
    votes = Votes({helped: (5, 0), other: (0, 5)})

    assert best(index, votes) == helped
    assert "helped before" in match(index, votes).reasons


def test_votes_that_have_faded_are_still_told_and_weigh_less(index: TantivyIndex) -> None:
    (other,) = {"a", "b"} - {best(index, Votes())}

    fresh, faded = (match(index, Votes({other: (weight, 0.0)})) for weight in (5.0, 5.0 / 8))

    assert "helped before" in {*fresh.reasons, *faded.reasons}
    assert fresh.confidence >= faded.confidence


def test_another_kind_of_alert_has_other_votes(index: TantivyIndex) -> None:
    without = best(index, Votes())
    other = "b" if without == "a" else "a"

    assert best(index, Votes({other: (5, 0)})) == other
    assert best(index, Votes({other: (5, 0)}), an_alert(service="web")) == without


def test_an_exact_name_stays_first_whatever_people_said(index: TantivyIndex) -> None:
    index.apply([live("c", path="c.md", title="Making room", alert_names=("VolumeFills",), text="Make room.")])

    assert best(index, Votes({"c": (0, 10_000), "a": (10_000, 0)})) == "c"


def test_a_table_that_does_not_answer_is_no_feedback(index: TantivyIndex) -> None:
    votes = Votes({"b": (5, 0)})
    votes.is_down = True

    matched = match(index, votes)

    assert (matched.runbook or matched.also[0]).doc_id == best(index, Votes())
    assert matched.degraded == ()


def test_votes_are_held_for_a_minute() -> None:
    votes, clock = Votes({"a": (1, 0)}), Clock()
    recall = RecallFeedback(votes, clock)  # type: ignore[arg-type]

    scores = [dict(recall(an_alert())) for _ in range(3)]
    assert (scores[0], votes.reads) == ({"a": 1 / 3}, 1)
    assert recall(an_alert("Volume fills 17")) == scores[0]
    assert votes.reads == 1
    clock.now += HOLD_SECONDS
    recall(an_alert())
    assert votes.reads == 2


def test_that_nobody_voted_is_held_too_but_not_that_the_table_was_down() -> None:
    votes = Votes()
    recall = RecallFeedback(votes, lambda: NOW)  # type: ignore[arg-type]

    assert recall(an_alert()) == recall(an_alert()) == {}
    assert votes.reads == 1
    votes.is_down = True
    assert recall(an_alert("Other")) == {}
    votes.is_down = False
    recall(an_alert("Other"))
    assert votes.reads == 3


def give(votes: Votes, groups: tuple[str, ...] = ("public",)) -> GiveFeedback:
    document = SimpleNamespace(doc_id="a", groups=groups)
    cache: Any = SimpleNamespace(document=lambda doc_id: document if doc_id == "a" else None)
    return GiveFeedback(votes, ReadDocument(cache, lambda _: None), lambda: NOW)  # type: ignore[arg-type]


def test_a_vote_is_kept_under_the_kind_of_alert_for_a_quarter_without_the_name_of_who_cast_it() -> None:
    votes = Votes()

    give(votes)("Volume fills 17", "Storage", "a", True, "jwt ada", CallerScope())

    ((kind, doc_id, user, helpful, expires_at),) = votes.cast
    assert (kind, doc_id, helpful, expires_at) == (signature("VolumeFills", "storage"), "a", True, NOW + VOTE_SECONDS)
    assert "ada" not in user


@pytest.mark.parametrize(("doc_id", "groups"), [("unknown", ("public",)), ("a", ("finance",))])
def test_nobody_votes_for_what_they_may_not_see(doc_id: str, groups: tuple[str, ...]) -> None:
    votes = Votes()

    with pytest.raises(DocumentMissingError):
        give(votes, groups)("VolumeFills", "", doc_id, True, "jwt ada", CallerScope())

    assert votes.cast == []
