"""One document over HTTP: what it tells its reader to do, each item at its place, for whoever may see it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from infra.openapi import PUBLISHED
from personal_pipeline import bootstrap, parts
from personal_pipeline.domain.caching import RenderedDocument
from personal_pipeline.domain.errors import StoreUnavailableError
from personal_pipeline.domain.extract import from_json
from personal_pipeline.domain.ids import doc_id_of
from personal_pipeline.domain.parsing import is_wanted, looks_like_rules
from tests.extracted import assert_sound
from tests.functions.world import ROOT, Reply, World, http_event

SAMPLES = ROOT / "events" / "documents"
DISK = """---
reviewed: 2026-09-14
owner: team-platform
---
# Disk full

## Free space

1. Look:

   ```sh
   df -h <mount>
   ```

2. If nothing may be deleted, go to [Escalation](#escalation).

## Escalation

1. Platform on call: `#platform`, +1 555 0151
2. After 15 minutes: incident lead, +1 555 0199
"""
PARTS = ("", "/procedure", "/decision-tree", "/escalation", "/text")


@pytest.fixture
def disk(world: World) -> str:
    return "/v1/documents/" + world.has("ops/disk.md", DISK)


def spans_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if set(value) == {"document", "revision", "start", "end"}:
            yield value
        for each in value.values():
            yield from spans_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from spans_in(each)


def test_one_step_is_answered_with_what_comes_next(world: World, disk: str) -> None:
    found = world.get(f"{disk}/procedure", step="1").json

    assert found["step"]["text"] == "Look:"
    assert [command["text"] for command in found["step"]["commands"]] == ["df -h <mount>"]
    assert found["next"]["text"] == "If nothing may be deleted, go to [Escalation](#escalation)."


def test_a_tree_is_answered_as_a_graph_or_as_a_drawing(world: World, disk: str) -> None:
    graph = world.get(f"{disk}/decision-tree").json
    drawing = world.get(f"{disk}/decision-tree", format="mermaid")

    assert [edge["condition"] for edge in graph["edges"] if edge["from"] == "s2"] == ["If nothing may be deleted"]
    assert drawing.headers["content-type"] == "text/vnd.mermaid; charset=utf-8"
    assert drawing.body == graph["mermaid"]


def test_an_escalation_says_whose_turn_it_is(world: World, disk: str) -> None:
    found = world.get(f"{disk}/escalation", at="20").json

    assert [one["value"] for line in found["now"] for one in line["contacts"]] == ["incident lead", "+1 555 0199"]
    assert (found["next"], found["minutes"], found["owner"]) == (None, 20, "team-platform")


def test_a_text_is_markdown_and_may_be_one_section(world: World, disk: str) -> None:
    whole, section = world.get(f"{disk}/text"), world.get(f"{disk}/text", section="escalation")

    assert whole.headers["content-type"] == "text/markdown; charset=utf-8"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert whole.body == DISK
    assert section.body.startswith("## Escalation\n\n1. Platform on call")


def test_a_document_says_whether_it_is_still_looked_after(world: World, disk: str) -> None:
    found = world.get(disk).json

    assert found["freshness"]["reviewed"] == "2026-09-14"
    assert found["freshness"]["review_due"] == "2027-09-14"
    assert found["freshness"]["state"] in {"fresh", "stale"}
    assert [(one["id"], one["heading"], one["kind"], one["steps"]) for one in found["outline"]] == [
        ("h1", ["Disk full"], "", 0),
        ("h2", ["Free space"], "", 2),
        ("h3", ["Escalation"], "escalation", 0),
    ]


@pytest.mark.parametrize("part", PARTS)
def test_who_has_an_answer_is_told_so(world: World, disk: str, part: str) -> None:
    reply = world.get(disk + part)

    again = world.get(disk + part, headers={"if-none-match": reply.headers["etag"]})

    assert (again.status, again.body) == (304, "")
    world.has("ops/disk.md", DISK.replace("Look:", "Look again:"), sequencer="02")
    assert world.get(disk + part, headers={"if-none-match": reply.headers["etag"]}).status == 200


@pytest.mark.parametrize(
    ("path", "query", "status", "says"),
    [
        ("/procedure", {"stpe": "1"}, 400, "unknown parameter 'stpe': there are section, step"),
        ("/procedure", {"step": "9"}, 404, "there are s1 (1) Look:"),
        ("/procedure", {"section": "Nowhere"}, 404, "h2 Free space"),
        ("/procedure", {"section": "x" * 201}, 400, "200"),
        ("/decision-tree", {"format": "svg"}, 400, "mermaid"),
        ("/escalation", {"at": "soon"}, 400, "how many minutes ago it began"),
        ("/escalation", {"since": "1"}, 400, "unknown parameter 'since'"),
        ("/text", {"section": "h9"}, 404, "no section 'h9'"),
        ("/text", {"step": "1"}, 400, "unknown parameter 'step'"),
    ],
)
def test_what_is_asked_wrongly_is_refused_with_what_to_do(
    world: World, disk: str, path: str, query: dict[str, str], status: int, says: str
) -> None:
    reply = world.get(disk + path, **query)

    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    assert says in reply.json["detail"]


@pytest.mark.parametrize("part", PARTS)
def test_a_document_of_others_is_the_same_as_none(world: World, part: str) -> None:
    hidden = world.has("ops/secret.md", "---\ngroups: [finance]\n---\n# Payroll\n\n1. Call the bank.\n")

    forbidden = world.get(f"/v1/documents/{hidden}{part}")
    missing = world.get(f"/v1/documents/{'a' * 16}{part}")

    assert (forbidden.status, missing.status) == (404, 404)
    assert forbidden.body.replace(hidden, "a" * 16) == missing.body
    event = http_event("GET", f"/v1/documents/{hidden}{part}", {})
    event["requestContext"]["authorizer"] = {"jwt": {"claims": {"groups": "[finance]"}}}
    assert Reply(world.call("search", event)).status == 200


def test_what_a_hidden_document_lacks_is_not_told_to_others(world: World) -> None:
    hidden = world.has("ops/secret.md", "---\ngroups: [finance]\n---\n# Payroll\n\n1. Call the bank.\n")

    reply = world.get(f"/v1/documents/{hidden}/procedure", step="9")

    assert reply.status == 404
    assert "bank" not in reply.body


@pytest.mark.parametrize("part", PARTS)
def test_a_copy_that_was_lost_is_made_again_and_kept(world: World, disk: str, part: str) -> None:
    before = world.get(disk + part).body
    with parts.database().transaction() as connection:
        connection.execute("DELETE FROM rendered")

    assert world.get(disk + part).body == before
    assert parts.cache().document(disk.rpartition("/")[2]) is not None


@pytest.mark.parametrize("part", PARTS)
def test_a_copy_of_an_older_release_is_made_again_when_it_is_asked_for(world: World, disk: str, part: str) -> None:
    doc_id = disk.rpartition("/")[2]
    now = parts.cache().document(doc_id)
    assert now
    before = world.get(disk + part).body
    parts.cache().write_document(RenderedDocument(doc_id, now.rev, now.groups, now.body, b"", form=0))

    assert world.get(disk + part).body == before
    assert parts.cache().document(doc_id) == now


def test_a_copy_is_not_kept_while_ingest_is_about_to_write_another(world: World, disk: str) -> None:
    doc_id = disk.rpartition("/")[2]
    parts.catalog().claim("ops/disk.md", None, None, 0.0)
    with parts.database().transaction() as connection:
        connection.execute("DELETE FROM rendered")

    assert world.get(f"{disk}/procedure").status == 200
    assert parts.cache().document(doc_id) is None


def test_an_older_copy_is_shown_while_it_cannot_be_made_again(world: World, disk: str) -> None:
    doc_id = disk.rpartition("/")[2]
    now = parts.cache().document(doc_id)
    assert now
    parts.cache().write_document(RenderedDocument(doc_id, now.rev, now.groups, now.body, b"", form=0))

    def fails(_: str) -> None:
        raise StoreUnavailableError("the bucket does not answer")

    bootstrap.read_structure()._restore = fails  # type: ignore[assignment]

    assert world.get(disk).json["freshness"]["state"] == "unknown"
    assert world.get(f"{disk}/procedure").status == 503  # "no steps" would be a lie


def test_an_older_copy_of_a_document_that_was_hidden_meanwhile_stays_hidden(world: World, disk: str) -> None:
    doc_id = disk.rpartition("/")[2]
    now = parts.cache().document(doc_id)
    assert now
    parts.cache().write_document(RenderedDocument(doc_id, now.rev, now.groups, now.body, b"", form=0))
    hidden = RenderedDocument(doc_id, now.rev, ("finance",), now.body, now.structure)

    bootstrap.read_structure()._restore = lambda _: hidden

    assert (world.get(disk).status, world.get(f"{disk}/procedure").status) == (404, 404)


def test_a_document_that_is_too_long_for_it_says_that_nothing_was_extracted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    doc_id = world.has("ops/long.md", "# Long\n\n1. Stop it.\n\n" + "word " * 90_000)

    assert "longer than 400,000 characters" in world.get(f"/v1/documents/{doc_id}").json["warnings"][0]
    note = world.get(f"/v1/documents/{doc_id}/procedure").json["note"]
    assert note == "nothing was extracted from this document: its warnings say why; read its text"
    assert world.search("long")["hits"]


@pytest.fixture(scope="module")
def sample_keys() -> list[str]:
    files = (path for path in sorted(SAMPLES.rglob("*")) if path.is_file() and path.name != "_services.yaml")
    named = ((f"documents/{path.relative_to(SAMPLES).as_posix()}", path.read_bytes()) for path in files)
    return [key for key, body in named if is_wanted(key, body) and not looks_like_rules(key, body)]


def test_answers_about_every_sample_are_what_the_description_says_and_stand_where_they_say(
    world: World, sample_keys: list[str]
) -> None:
    for key in sample_keys:
        parts.store().put(key, Path(SAMPLES, key.partition("/")[2]).read_bytes())
    world.ingest(*sample_keys)
    paths = json.loads(PUBLISHED.read_text())["paths"]
    steps = 0

    for key in sample_keys:
        doc_id = doc_id_of(key)
        about = world.get(f"/v1/documents/{doc_id}").json
        text = about["text"]
        kept = parts.cache().document(doc_id)
        assert kept
        assert_sound(from_json(kept.structure, doc_id, kept.rev), text, about["format"])
        for part in ("", "/procedure", "/decision-tree", "/escalation"):
            found = world.get(f"/v1/documents/{doc_id}{part}").json
            schema = paths[f"/v1/documents/{{id}}{part}"]["get"]["responses"]["200"]["content"]["application/json"]
            Draft202012Validator(schema["schema"]).validate(found)
            for span in spans_in(found):
                assert span["document"] == doc_id
                assert 0 <= span["start"] < span["end"] <= len(text)
        for step in world.get(f"/v1/documents/{doc_id}/procedure").json["steps"]:
            steps += 1
            one = world.get(f"/v1/documents/{doc_id}/procedure", step=step["id"]).json
            assert one["step"] == step
            assert (one["next"] or {"id": None})["id"] == step["next"]
    assert steps > 100
