"""Search by meaning, from the event on the queue to the answer, with an embedder that knows four matters."""

import math
import re
from array import array
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from personal_pipeline import bootstrap, parts
from personal_pipeline.domain.errors import EmbedderUnavailableError, UnavailableError
from personal_pipeline.domain.ids import doc_id_of
from personal_pipeline.domain.vectors import Vector
from personal_pipeline.messages import IngestMessage
from personal_pipeline.services.ingest_documents import EMBEDDED_AT_ONCE, Outcome, Result
from tests.contract.indexes import ask
from tests.functions.conftest import forget_built_parts
from tests.functions.world import World, http_event

MATTERS = ("disk volume space", "login password credentials", "kettle tea", "step part")
LOGIN = "# Password refused\n\nRotate credentials of the identity provider.\n"
TEA = "# Tea\n\nBoil a kettle.\n"
LONG = "# Upgrade\n\n" + "".join(f"## Step {n}\n\n{f'Do part {n} now. ' * 40}\n\n" for n in range(3 * EMBEDDED_AT_ONCE))


class Matters:
    """A dimension for each matter, as long as the text has words of it; nothing else has a meaning."""

    dimensions = len(MATTERS)

    def __init__(self, model: str = "matters-1") -> None:
        self.model = model
        self.asked: list[str] = []
        self.is_down = False

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        if self.is_down:
            raise EmbedderUnavailableError("the model does not answer")
        self.asked += texts
        return [array("f", self._numbers(text)) for text in texts]

    def _numbers(self, text: str) -> list[float]:
        words = re.findall(r"\w+", text.lower())
        counts = [float(sum(word in matter.split() for word in words)) for matter in MATTERS]
        length = math.hypot(*counts) or 1.0
        return [count / length for count in counts]


@pytest.fixture
def embedder(world: World, monkeypatch: pytest.MonkeyPatch) -> Matters:
    """Stands behind the port for the whole world."""
    embedder = Matters()
    use(embedder, world, monkeypatch)
    return embedder


def use(embedder: Matters | None, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every process began anew, with another embedder."""
    if parts.parser.cache_info().currsize:
        parts.parser().close()
    parts.index(writer=True).close()
    forget_built_parts()
    world.apps.clear()
    monkeypatch.setattr(parts, "embedder", lambda: embedder)
    bootstrap.prepare_index()


def ids(answer: dict[str, Any]) -> list[str]:
    return [hit["id"] for hit in answer["hits"]]


def meant(*numbers: float) -> list[str]:
    """The documents of which a passage lies exactly there."""
    found = ask(parts.index(writer=False), "", numbers).passages
    return sorted({hit.doc_id for hit in found if hit.similarity is not None and hit.similarity > 0.999})


def take(
    world: World, key: str, text: str, sequencer: str = "01", is_time_left: Callable[[], bool] = lambda: True
) -> Outcome:
    """One delivery of one event, and its outcome instead of what the queue is told."""
    world.put(key, text)
    message = IngestMessage(bucket="documents", key=key, kind="put", sequencer=sequencer)
    (outcome,) = world.app("ingest").ingest([message], is_time_left)
    return outcome


# Searching ───────────────────────────────────────────────────────────────────
def test_a_document_is_found_by_meaning_though_it_shares_no_word(world: World, embedder: Matters) -> None:
    login = world.has("ops/page.md", LOGIN)
    world.has("ops/tea.md", TEA)

    answer = world.search("login impossible")

    assert (ids(answer), answer["semantic"], answer["degraded"]) == ([login], True, [])
    assert answer["hits"][0]["reasons"] == ["close in meaning"]


def test_words_count_beside_meaning(world: World, embedder: Matters) -> None:
    login = world.has("ops/page.md", LOGIN)
    both = world.has("ops/both.md", "# Login impossible\n\nReset the password.\n")

    assert ids(world.search("login impossible")) == [both, login]


def test_meaning_finds_nothing_that_the_caller_may_not_see_or_did_not_ask_for(world: World, embedder: Matters) -> None:
    secret = world.has("ops/page.md", "---\ngroups: [finance]\n---\n" + LOGIN)
    event = http_event("GET", "/v1/search", {"q": "login impossible"})
    event["requestContext"] |= {"authorizer": {"jwt": {"claims": {"groups": "[finance]"}}}}

    assert ids(world.search("login impossible")) == []
    assert ids(world.search("login impossible", source="web")) == []
    assert secret in world.call("search", event)["body"]


def test_an_answer_without_meaning_says_so_and_is_not_kept(world: World, embedder: Matters) -> None:
    login = world.has("ops/page.md", LOGIN)
    embedder.is_down = True

    for asked in ("login impossible", "password", "password"):
        answer = world.search(asked)
        found = [login] if asked == "password" else []
        assert (ids(answer), answer["semantic"], answer["degraded"]) == (found, False, ["semantic"])
        assert answer["answered_by"] == "index"


def test_the_first_answer_after_the_embedder_is_back_is_by_meaning_again(world: World, embedder: Matters) -> None:
    login = world.has("ops/page.md", LOGIN)
    embedder.is_down = True
    world.search("login impossible")
    embedder.is_down = False

    first, second = (world.search("login impossible") for _ in range(2))

    assert (ids(first), first["semantic"], first["degraded"]) == ([login], True, [])
    assert (first["answered_by"], second["answered_by"]) == ("index", "l1")
    assert (ids(second), second["semantic"]) == ([login], True)


def test_a_question_that_was_asked_before_needs_no_embedder(world: World, embedder: Matters) -> None:
    world.search("login impossible")
    login = world.has("ops/page.md", LOGIN)
    embedder.is_down = True

    answer = world.search("login impossible")

    assert (ids(answer), answer["semantic"], answer["degraded"]) == ([login], True, [])


def test_answers_of_one_model_are_not_those_of_another(
    world: World, embedder: Matters, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = world.has("ops/page.md", LOGIN)
    world.search("login impossible")
    found = {}
    for name, other in {"same": Matters(), "another": Matters("matters-2"), "none": None}.items():
        use(other, world, monkeypatch)
        answer = world.search("login impossible")
        found[name] = (answer["answered_by"], answer["semantic"], ids(answer))

    assert found == {"same": ("l2", True, [login]), "another": ("index", True, []), "none": ("index", False, [])}


# Taking in ───────────────────────────────────────────────────────────────────
def test_vectors_are_written_with_their_passages(world: World, embedder: Matters) -> None:
    login, tea = world.has("ops/page.md", LOGIN), world.has("ops/tea.md", TEA)

    assert (meant(0, 1, 0, 0), meant(0, 0, 1, 0)) == ([login], [tea])
    assert embedder.asked == [
        "Password refused\nRotate credentials of the identity provider.",
        "Tea\nBoil a kettle.",
    ]


def test_without_its_vectors_a_document_is_found_by_its_words_until_it_is_indexed_again(
    world: World, embedder: Matters
) -> None:
    embedder.is_down = True
    outcome = take(world, "ops/page.md", LOGIN)
    assert outcome.result is Result.INDEXED
    assert [warning for warning in outcome.warnings if "pp reindex" in warning and "does not answer" in warning]
    embedder.is_down = False
    login = doc_id_of("ops/page.md")
    assert (ids(world.search("rotate")), ids(world.search("login impossible"))) == ([login], [])

    world.app("ingest").ingest([IngestMessage(bucket="documents", key="ops/page.md", kind="reindex")])

    assert ids(world.search("login impossible")) == [login]


def test_an_embedder_that_fails_half_way_leaves_no_document_with_half_its_vectors(
    world: World, embedder: Matters, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed = embedder.embed
    monkeypatch.setattr(embedder, "embed", lambda texts: embed(texts) if not embedder.asked else down())

    outcome = take(world, "ops/long.md", LONG)

    assert (outcome.result, len(embedder.asked)) == (Result.INDEXED, EMBEDDED_AT_ONCE)
    assert meant(0, 0, 0, 1) == []
    assert ids(world.search("upgrade")) == [doc_id_of("ops/long.md")]


def down() -> list[Vector]:
    raise EmbedderUnavailableError("the model does not answer")


def test_a_document_too_long_for_one_delivery_is_done_in_several(world: World, embedder: Matters) -> None:
    time_left = iter([True, True, True, False])  # to begin, for two bulks of passages, and then no more

    outcome = take(world, "ops/long.md", LONG, is_time_left=lambda: next(time_left))
    assert outcome.result is Result.FAILED
    assert isinstance(outcome.error, UnavailableError)
    assert len(embedder.asked) == 2 * EMBEDDED_AT_ONCE
    assert ids(world.search("upgrade")) == []
    embedder.asked.clear()

    assert take(world, "ops/long.md", LONG).result is Result.INDEXED
    passages = parts.index(writer=False).revisions(doc_id_of("ops/long.md"))
    assert len([text for text in embedder.asked if text != "upgrade"]) == len(passages) - 2 * EMBEDDED_AT_ONCE
    assert meant(0, 0, 0, 1) == [doc_id_of("ops/long.md")]


def test_a_document_too_long_does_not_hold_back_its_neighbours(world: World, embedder: Matters) -> None:
    for key, text in {"ops/tea.md": TEA, "ops/long.md": LONG}.items():
        world.put(key, text)
    messages = [
        IngestMessage(bucket="documents", key=f"ops/{name}.md", kind="put", sequencer="01") for name in ("tea", "long")
    ]
    time_left = iter([True, True, True, True, False])  # to begin each, for the short one, for a bulk of the long one

    outcomes = world.app("ingest").ingest(messages, lambda: next(time_left))

    assert [outcome.result for outcome in outcomes] == [Result.INDEXED, Result.FAILED]
    assert meant(0, 0, 1, 0) == [doc_id_of("ops/tea.md")]


def test_an_unchanged_document_is_not_embedded_again(world: World, embedder: Matters) -> None:
    world.has("ops/page.md", LOGIN, sequencer="01")
    with parts.database().transaction() as connection:
        connection.execute("DELETE FROM vectors")
    embedder.is_down = True

    outcome = take(world, "ops/page.md", LOGIN, sequencer="02")

    assert (outcome.result, outcome.warnings) == (Result.UNCHANGED, ())
    assert ids(world.search("password")) == [doc_id_of("ops/page.md")]


def test_of_a_changed_document_only_what_changed_is_embedded(world: World, embedder: Matters) -> None:
    world.has("ops/long.md", LONG, sequencer="01")
    embedder.asked.clear()

    world.has("ops/long.md", LONG + "## Tea\n\nBoil a kettle.\n", sequencer="02")

    assert embedder.asked == ["Upgrade / Tea\nBoil a kettle."]


def test_what_a_document_meant_before_is_not_found(world: World, embedder: Matters) -> None:
    login = world.has("ops/page.md", LOGIN, sequencer="01")
    assert ids(world.search("login impossible")) == [login]

    world.has("ops/page.md", TEA, sequencer="02")

    assert ids(world.search("login impossible")) == []
    assert meant(0, 1, 0, 0) == []


def test_a_deleted_document_is_not_found_by_its_meaning(world: World, embedder: Matters) -> None:
    login = world.has("ops/page.md", LOGIN, sequencer="01")
    assert ids(world.search("login impossible")) == [login]

    world.removes("ops/page.md", sequencer="02")

    assert ids(world.search("login impossible")) == []
    assert meant(0, 1, 0, 0) == []
