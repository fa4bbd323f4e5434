import io
import json
import sys
from pathlib import Path

import pytest

from infra.cli.alerts import SAMPLE
from tests.unit.cli.conftest import Pp
from tests.unit.cli.stand_in import SECRET, TOKEN, Answer, StandIn, a_failure, problem


def test_a_failure_says_what_failed_why_and_how_to_send_it_again(system: StandIn, pp: Pp) -> None:
    system.failures = [a_failure("documents/junk.md", "it is binary"), a_failure("", "bad \x1b[2Jshape", "m-2")]

    ran = pp("failures")

    assert ran.code == 0
    for said in (
        "documents/junk.md it is binary ingest-queue, 5 attempts, last 2026-11-18",
        "pp redrive m-1",
        "a message on ingest-queue bad [2Jshape",
        "2 failures",
    ):
        assert said in ran.text


def test_no_failures_is_said_plainly(pp: Pp) -> None:
    assert pp("failures").out == "No failures.\n"


def test_failures_as_json_are_whole(system: StandIn, pp: Pp) -> None:
    system.failures = [a_failure("documents/junk.md")]

    assert json.loads(pp("failures", "--json").out) == {"failures": [a_failure("documents/junk.md")]}


def test_redrive_sends_all_or_those_that_are_named(system: StandIn, pp: Pp) -> None:
    system.failures = [a_failure("a"), a_failure("b")]

    pp("redrive")
    pp("redrive", "m-1", "m-2")

    assert [asked.json for asked in system.asked] == [{}, {"ids": ["m-1", "m-2"]}]


def test_redriving_an_id_that_is_no_failure_is_an_error(pp: Pp) -> None:
    ran = pp("redrive", "nope")

    assert ran.code == 1
    assert "only 0 of 1 are dead letters" in ran.err


def test_reindex_takes_one_source_or_all(system: StandIn, pp: Pp) -> None:
    system.documents = {"documents/a.md": b"# A"}

    assert pp("reindex").code == 0
    assert pp("reindex", "--source", "documents").code == 0

    assert [asked.json for asked in system.asked] == [{}, {"source": "documents"}]


def test_reindexing_a_source_that_is_not_there_is_an_error(pp: Pp) -> None:
    ran = pp("reindex", "--source", "nope")

    assert ran.code == 1
    assert "the source 'nope' has no documents" in ran.err


def test_warming_tells_its_counts(system: StandIn, pp: Pp) -> None:
    assert pp("warm").out == "2 warmed, 1 were warm, 0 failed.\n"


def test_warming_that_failed_in_part_is_an_error(system: StandIn, pp: Pp) -> None:
    system.answers["POST /local/warm"] = Answer({"warmed": 1, "skipped": 0, "failed": 2})

    ran = pp("warm", "--json")

    assert ran.code == 1
    assert json.loads(ran.out)["failed"] == 2


def test_the_operators_token_goes_to_operators_routes_only(system: StandIn, pp: Pp) -> None:
    pp("failures")
    pp("alert", "send")
    pp("doctor")

    sent = {asked.path: asked.headers.get("authorization") for asked in system.asked}
    assert sent["/local/failures"] == f"Bearer {TOKEN}"
    assert sent["/v1/alerts/alertmanager"] == f"Bearer {SECRET}"
    assert sent["/v1/health"] is None


def test_an_alert_is_sent_as_its_bytes_are(system: StandIn, pp: Pp, tmp_path: Path) -> None:
    file = tmp_path / "alert.json"
    file.write_bytes(b'{ "alerts" : [ ] }\n')

    ran = pp("alert", "send", str(file))

    assert ran.code == 0
    assert ran.out.startswith("Queued.")
    assert system.asked[0].body == b'{ "alerts" : [ ] }\n'


def test_without_a_file_the_sample_is_sent(system: StandIn, pp: Pp) -> None:
    assert json.loads(pp("alert", "send", "--json").out) == {"status": "queued"}

    assert system.asked[0].body == SAMPLE.read_bytes()


def test_an_alert_can_come_from_a_pipe(system: StandIn, pp: Pp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"{}")))

    assert pp("alert", "send", "-").code == 0

    assert system.asked[0].body == b"{}"


def test_what_is_no_json_is_sent_all_the_same_with_a_note(system: StandIn, pp: Pp, tmp_path: Path) -> None:
    file = tmp_path / "alert.json"
    file.write_text("{")

    ran = pp("alert", "send", str(file))

    assert ran.code == 0
    assert "is not JSON" in ran.err
    assert system.asked[0].body == b"{"


def test_a_secret_that_was_given_wins_over_the_kept_one(
    system: StandIn, pp: Pp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PP_WEBHOOK_SECRET", "another")

    ran = pp("alert", "send")

    assert system.asked[0].headers["authorization"] == "Bearer another"
    assert ran.code == 1
    assert "the webhook secret is wrong: set PP_WEBHOOK_SECRET" in ran.err


def test_without_a_secret_nothing_is_sent(system: StandIn, pp: Pp, data: Path) -> None:
    (data / "webhook-secret").unlink()

    ran = pp("alert", "send")

    assert ran.code == 1
    assert "start the system once with `make run`" in ran.err
    assert not system.asked


def test_a_file_that_cannot_be_read_is_named(pp: Pp, tmp_path: Path) -> None:
    ran = pp("alert", "send", str(tmp_path))

    assert ran.code == 1
    assert str(tmp_path) in ran.err


def test_an_unknown_source_is_told_as_the_server_tells_it(system: StandIn, pp: Pp) -> None:
    system.answers["POST /v1/alerts/nagios"] = problem(404, "no alert source 'nagios': there are alertmanager")

    ran = pp("alert", "send", "--source", "nagios")

    assert (ran.code, ran.err) == (1, "pp: no alert source 'nagios': there are alertmanager\n")
