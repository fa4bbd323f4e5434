import json
from pathlib import Path

import pytest

from infra.cli import ingest as ingest_module
from infra.cli.errors import NotReachableError
from tests.unit.cli.conftest import Pp
from tests.unit.cli.stand_in import Answer, StandIn, a_failure, problem


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest_module, "POLL_SECONDS", 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "runbooks"
    root.mkdir()
    for name in ("a.md", "b.md", "c.md"):
        (root / name).write_text(f"# {name}")
    return root


def queue(**counts: int) -> Answer:
    idle = {"visible": 0, "in_flight": 0, "delayed": 0}
    dead = {"name": "ingest-dead-letter-queue", **idle, "visible": 3, "dead_letter_of": "ingest-queue"}
    return Answer({"queues": [{"name": "ingest-queue", **idle, **counts, "dead_letter_of": ""}, dead]})


def test_documents_are_stored_and_waited_for(system: StandIn, pp: Pp, folder: Path) -> None:
    system.answers["GET /local/queues"] = [queue(visible=3), queue(in_flight=2), queue()]

    ran = pp("ingest", str(folder))

    assert system.documents == {f"runbooks/{name}.md": f"# {name}.md".encode() for name in "abc"}
    assert ran.code == 0
    assert ran.out.startswith("3 indexed, 0 failed in ")
    assert sum(asked.path == "/local/queues" for asked in system.asked) == 3


def test_a_document_that_could_not_be_read_is_told_by_its_file(system: StandIn, pp: Pp, folder: Path) -> None:
    system.failures = [a_failure("runbooks/a.md", "an old failure of the same document", "old")]
    system.unreadable = {"runbooks/b.md": "it is binary, not text"}

    ran = pp("ingest", str(folder))

    assert ran.code == 1
    assert ran.err == f"{folder}/b.md: it is binary, not text\n"
    assert ran.out.startswith("2 indexed, 1 failed")


def test_a_refused_document_does_not_stop_the_others(system: StandIn, pp: Pp, folder: Path) -> None:
    system.refuses = {"runbooks/a.md": (413, "At most 5 MB.")}

    ran = pp("ingest", str(folder), "--json")

    result = json.loads(ran.out)
    assert ran.code == 1
    assert result["failed"] == [{"name": f"{folder}/a.md", "reason": "At most 5 MB."}]
    assert (result["stored"], result["indexed"]) == (2, 2)


def test_a_token_that_is_refused_is_said_once(system: StandIn, pp: Pp, folder: Path, data: Path) -> None:
    (data / "token").write_text("wrong")

    ran = pp("ingest", str(folder), "--no-wait")

    assert ran.code == 1
    assert ran.err.count("pp:") == 1
    assert "set PP_DATA to the data folder of the running system" in ran.err
    assert not system.documents


def test_nobody_waits_when_told_not_to(system: StandIn, pp: Pp, folder: Path) -> None:
    ran = pp("ingest", str(folder), "--no-wait")

    assert ran.out.startswith("3 stored, 0 failed")
    assert {asked.method for asked in system.asked} == {"PUT"}


def test_where_the_queues_are_somebody_elses_it_says_why_it_does_not_wait(
    system: StandIn, pp: Pp, folder: Path
) -> None:
    system.answers["GET /local/failures"] = problem(501, "Failures are listed by AWS itself.")

    ran = pp("ingest", str(folder))

    assert ran.code == 0
    assert "Not waiting: Failures are listed by AWS itself." in ran.err
    assert ran.out.startswith("3 stored")


def test_a_long_wait_for_further_attempts_is_explained(system: StandIn, pp: Pp, folder: Path) -> None:
    system.answers["GET /local/queues"] = [queue(delayed=2), queue(delayed=2), queue()]

    ran = pp("ingest", str(folder))

    assert ran.err.count("2 could not be taken yet") == 1


def test_a_server_that_goes_away_ends_it_with_what_was_stored(
    system: StandIn, pp: Pp, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PP_URL", "http://127.0.0.1:1")

    ran = pp("ingest", str(folder), "--no-wait")

    assert ran.code == 1
    assert "start it with `make run`" in ran.err
    assert "(0 documents were stored before)" in ran.err


def test_a_server_that_goes_away_while_waiting_has_what_was_stored(
    system: StandIn, pp: Pp, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: object) -> dict[str, int]:
        raise NotReachableError("nothing answers")

    monkeypatch.setattr(ingest_module, "_left", gone)

    ran = pp("ingest", str(folder))

    assert (ran.code, ran.err) == (
        1,
        "pp: nothing answers (the 3 documents are stored, and indexed when it runs again)\n",
    )


def test_ctrl_c_while_waiting_says_that_nothing_is_lost(
    system: StandIn, pp: Pp, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupted)
    system.answers["GET /local/queues"] = queue(visible=1)

    ran = pp("ingest", str(folder))

    assert ran.code != 0
    assert "What was stored goes on being indexed" in ran.err
    assert len(system.documents) == 3


def test_names_from_a_hostile_file_cannot_move_the_cursor(pp: Pp, tmp_path: Path) -> None:
    file = tmp_path / "export.jsonl"
    file.write_text(json.dumps({"id": "a", "source": "s", "format": "\x1b[2J\u202ex", "text": "x"}))

    ran = pp("ingest", str(file))

    assert ran.code == 1
    assert not any(ord(char) < 32 and char != "\n" for char in ran.out + ran.err)
    assert "\u202e" not in ran.err
