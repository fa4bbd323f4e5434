import json

from tests.unit.cli.conftest import Pp
from tests.unit.cli.stand_in import Answer, StandIn, problem


def test_a_word_on_a_document_is_sent_with_alert_and_service(system: StandIn, pp: Pp) -> None:
    system.answers["POST /v1/feedback"] = Answer({"status": "counted"})

    ran = pp("feedback", "DiskFull", "abcdefgh23456723", "--service", "storage")

    assert (ran.code, ran.text) == (0, "Counted: it helped.")
    assert json.loads(system.asked[0].body) == {
        "alert": "DiskFull",
        "service": "storage",
        "id": "abcdefgh23456723",
        "helpful": True,
    }


def test_what_did_not_help_is_said_so(system: StandIn, pp: Pp) -> None:
    system.answers["POST /v1/feedback"] = Answer({"status": "counted"})

    ran = pp("feedback", "DiskFull", "abcdefgh23456723", "--did-not-help", "--json")

    assert json.loads(ran.out) == {"status": "counted"}
    assert json.loads(system.asked[0].body)["helpful"] is False


def test_a_word_is_taken_back(system: StandIn, pp: Pp) -> None:
    system.answers["POST /v1/feedback"] = Answer({"status": "taken back"})

    ran = pp("feedback", "DiskFull", "abcdefgh23456723", "--revoke")

    assert (ran.code, ran.text) == (0, "Taken back.")
    assert json.loads(system.asked[0].body)["helpful"] is None


def test_a_document_that_is_not_there_is_one_line_and_exit_code_1(system: StandIn, pp: Pp) -> None:
    system.answers["POST /v1/feedback"] = problem(404, "no document 'x': ids come from search")

    ran = pp("feedback", "DiskFull", "x")

    assert (ran.code, ran.out) == (1, "")
    assert "no document 'x'" in ran.err
