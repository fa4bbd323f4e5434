import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Pp
from tests.unit.cli.stand_in import Answer, StandIn, problem


def checks(system: StandIn, *failing: str, **settings: str) -> None:
    said = [{"name": "index", "ok": True, "detail": "ok", "advice": ""}]
    said += [{"name": name, "ok": False, "detail": "it is wrong", "advice": "mend it"} for name in failing]
    system.answers["GET /local/doctor"] = Answer({"checks": said, "settings": settings})


def test_all_is_well(system: StandIn, pp: Pp) -> None:
    checks(system, INDEX_BACKEND="tantivy")

    ran = pp("doctor")

    assert ran.code == 0
    for said in (f"ok server {system.url}, version 9.9.9", "ok documents 3 from 1 source", "INDEX_BACKEND tantivy"):
        assert said in ran.text


def test_each_problem_comes_with_what_to_do(system: StandIn, pp: Pp) -> None:
    checks(system, "disk \x1b[2J")

    ran = pp("doctor")

    assert ran.code == 1
    assert "WRONG disk [2J it is wrong → mend it" in ran.text


def test_as_json_a_machine_can_tell(system: StandIn, pp: Pp, data: Path) -> None:
    checks(system, "disk", STORAGE="local")

    ran = pp("doctor", "--json")

    said = json.loads(ran.out)
    assert (ran.code, ran.err, said["ok"]) == (1, "", False)
    assert [check["name"] for check in said["checks"] if not check["ok"]] == ["disk"]
    assert said["settings"] == {"PP_URL": system.url, "PP_DATA": str(data), "STORAGE": "local"}


def test_with_the_server_down_it_says_how_to_start_it(pp: Pp, monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    monkeypatch.setenv("PP_URL", "http://127.0.0.1:1")

    ran = pp("doctor")

    assert ran.code == 1
    assert "WRONG server it does not run → nothing answers at http://127.0.0.1:1: start it with `make run`" in ran.text
    assert f"ok data folder {data}" in ran.text


def test_with_the_server_down_it_still_sees_an_open_secret(pp: Pp, monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    monkeypatch.setenv("PP_URL", "http://127.0.0.1:1")
    (data / "token").chmod(0o644)

    assert f"run `chmod 600 {data}/token`" in pp("doctor").text


def test_before_the_first_start_there_is_no_data_folder_and_that_is_right(
    pp: Pp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PP_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("PP_DATA", str(tmp_path / "not-yet"))

    assert "the first start makes it" in pp("doctor").text


def test_a_wrong_token_is_a_problem_of_its_own(system: StandIn, pp: Pp, data: Path) -> None:
    (data / "token").write_text("wrong")

    ran = pp("doctor")

    assert ran.code == 1
    assert "ok server" in ran.text
    assert "WRONG token it was refused → the token is missing or wrong" in ran.text


def test_no_documents_is_a_problem(system: StandIn, pp: Pp) -> None:
    checks(system)
    system.answers["GET /v1/sources"] = Answer({"sources": []})

    ran = pp("doctor")

    assert ran.code == 1
    assert "WRONG documents none → bring some in with `pp ingest FOLDER`" in ran.text


def test_tables_that_do_not_answer_are_told(system: StandIn, pp: Pp) -> None:
    system.answers["GET /v1/sources"] = problem(500, "The catalog does not answer.")

    ran = pp("doctor")

    assert ran.code == 1
    assert "The catalog does not answer." in ran.text
