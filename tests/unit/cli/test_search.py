import json

import pytest

from tests.unit.cli.conftest import COLOURS, Pp
from tests.unit.cli.stand_in import Answer, StandIn, a_hit, an_answer, problem


def answers(system: StandIn, *hits: dict[str, object], **over: object) -> None:
    system.answers["GET /v1/search"] = system.answers["POST /v1/search"] = Answer(an_answer(*hits, **over))


def test_a_hit_says_what_where_and_why(system: StandIn, pp: Pp) -> None:
    twin = {"id": "x", "source": "mirror", "path": "old/disk.md", "url": ""}
    answers(system, a_hit(also_at=[twin]))

    ran = pp("search", "disk", "full")

    assert ran.code == 0
    for said in (
        "1 Disk full on a node platform · critical · runbook",
        "documents/platform/disk.md › Verify",
        "when the disk is full",
        "because title matches disk (93% sure)",
        "the same at mirror/old/disk.md",
        "pp show abcdefgh23456723",
        "1 hit from the index in 1.2 ms",
    ):
        assert said in ran.text
    assert system.asked[0].query == {"q": ["disk full"], "limit": ["5"]}


def test_words_that_were_read_otherwise_are_said_beside_the_hits(system: StandIn, pp: Pp) -> None:
    answers(system, a_hit(), did_you_mean="disk\x1b[2J full")

    ran = pp("search", "dikc", "full")

    assert "read as disk" in ran.err
    assert "\x1b" not in ran.err


def test_the_words_found_are_highlighted(system: StandIn, pp: Pp, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(system, a_hit(snippet={"text": "a\x1b[2J disk\nis full", "highlights": [[6, 10], [14, 18], [90, 95]]}))
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")

    ran = pp("search", "disk")

    assert "\x1b[1;32mdisk\x1b[0m" in ran.out
    assert "\x1b[1;32mfull\x1b[0m" in ran.out
    assert "a[2J disk is full" in ran.text


def test_hostile_text_reaches_the_terminal_as_text(system: StandIn, pp: Pp, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = "\x1b]0;owned\x07[bold]x\r\u202e\U000e0041"
    hit = a_hit(
        **dict.fromkeys(("id", "title", "source", "path", "type", "severity"), evil),
        services=[evil],
        heading=[evil],
        reasons=[evil],
        snippet={"text": evil, "highlights": [[0, 4]]},
    )
    answers(system, hit, degraded=[evil], answered_by=evil)
    monkeypatch.setenv("FORCE_COLOR", "1")

    ran = pp("search", "x")

    shown = COLOURS.sub("", ran.out + ran.err)
    assert all(char == "\n" or ord(char) >= 32 for char in shown)
    assert not {"\u202e", "\U000e0041"} & set(shown)
    assert "[bold]x" in shown


def test_filters_are_passed_on(system: StandIn, pp: Pp) -> None:
    answers(system, a_hit())

    pp(
        "search",
        "lag",
        "--service",
        "db",
        "--source",
        "s",
        "--type",
        "runbook",
        "--severity",
        "critical",
        "--limit",
        "2",
    )

    assert system.asked[0].query == {
        "q": ["lag"],
        "limit": ["2"],
        "service": ["db"],
        "source": ["s"],
        "type": ["runbook"],
        "severity": ["critical"],
    }


def test_a_line_copied_from_a_coloured_log_is_asked_without_its_colours(system: StandIn, pp: Pp) -> None:
    answers(system, a_hit())

    pp("search", "\x1b[1;31mFATAL\x1b[0m:\ttoo many\nclients\x07")

    assert system.asked[0].query["q"] == ["FATAL: too many clients"]


def test_a_long_log_line_is_sent_as_a_body(system: StandIn, pp: Pp) -> None:
    answers(system, a_hit())

    pp("search", "x" * 1001, "--service", "db")

    assert system.asked[0].method == "POST"
    assert system.asked[0].json == {"q": "x" * 1001, "limit": 5, "service": "db"}


def test_json_is_the_answer_as_it_came(system: StandIn, pp: Pp) -> None:
    answers(system, a_hit(title="\x1b[2J ü"))

    ran = pp("search", "disk", "--json")

    assert json.loads(ran.out) == an_answer(a_hit(title="\x1b[2J ü"))
    assert "\x1b" not in ran.out
    assert ran.err == ""


def test_a_degraded_answer_says_so(system: StandIn, pp: Pp) -> None:
    answers(system, a_hit(), degraded=["index: not reachable"], answered_by="stale")

    ran = pp("search", "disk")

    assert "degraded: index: not reachable; see `pp doctor`" in ran.err
    assert "from an older answer" in ran.text


def test_nothing_found_is_an_answer_that_says_what_to_try(system: StandIn, pp: Pp) -> None:
    answers(system)

    ran = pp("search", "zzz")

    assert (ran.code, ran.out) == (0, "")
    assert "Nothing fits." in ran.err


def test_a_line_of_a_pipe_stays_one_line(system: StandIn, pp: Pp) -> None:
    answers(system, a_hit(snippet={"text": "word " * 100, "highlights": []}))

    ran = pp("search", "disk")

    assert "word " * 99 + "word" in ran.out


def test_a_refused_query_is_one_line_and_no_traceback(system: StandIn, pp: Pp) -> None:
    system.answers["GET /v1/search"] = problem(400, "The query\nis \x1b[2Jempty.")

    ran = pp("search", " ")

    assert (ran.code, ran.out, ran.err) == (1, "", "pp: The query is [2Jempty.\n")
