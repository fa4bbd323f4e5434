"""Whom to turn to now, and whom next, by what the document says."""

from datetime import UTC, datetime
from typing import Any

import pytest

from personal_pipeline.domain.errors import InvalidQueryError
from personal_pipeline.domain.escalation import Elapsed, elapsed, escalation
from tests.unit.extract.reading import read

NOW = datetime(2026, 11, 29, 3, 20, tzinfo=UTC)
LADDER = """# Page

## Escalation

1. Web on call: `#web`, +1 555 0100
2. After 15 minutes: incident lead, +1 555 0199
3. After another 20 minutes: head of engineering, +1 555 0111
"""


def asked(text: str, minutes: int | None = None, severity: str = "") -> dict[str, Any]:
    return escalation(read(text), severity, Elapsed(minutes))


def values(lines: list[dict[str, Any]]) -> list[str]:
    return [line["contacts"][0]["value"] for line in lines]


@pytest.mark.parametrize(
    ("minutes", "now", "then", "wait"),
    [
        (None, "Web on call", "incident lead", 15),
        (0, "Web on call", "incident lead", 15),
        (14, "Web on call", "incident lead", 1),
        (15, "incident lead", "head of engineering", 20),
        (34, "incident lead", "head of engineering", 1),
        (35, "head of engineering", None, None),
        (9999, "head of engineering", None, None),
    ],
)
def test_who_has_their_turn_depends_on_how_long_ago_it_began(
    minutes: int | None, now: str, then: str | None, wait: int | None
) -> None:
    found = asked(LADDER, minutes)

    assert values(found["now"]) == [now]
    assert (values([found["next"]])[0] if found["next"] else None) == then
    assert (found["next"]["in_minutes"] if found["next"] else None) == wait


def test_a_line_that_does_not_say_when_is_next_without_a_time() -> None:
    found = asked("## Escalation\n\n1. Web on call: `#web`\n2. Incident lead: +1 555 0199\n", 60)

    assert values(found["now"]) == ["Web on call"]
    assert values([found["next"]]) == ["Incident lead"]
    assert (found["next"]["in_minutes"], found["next"]["at"]) == (None, None)


def test_lines_without_order_have_their_turn_together() -> None:
    found = asked("## Contacts\n\n- Web on call: `#web`\n- Database on call: `#data`\n")

    assert values(found["now"]) == ["Web on call", "Database on call"]
    assert found["next"] is None


def test_a_line_with_a_condition_waits_for_the_reader() -> None:
    found = asked("## Escalation\n\n- Web on call: `#web`\n- More than two nodes: incident lead, +1 555 0199\n")

    assert values(found["now"]) == ["Web on call"]
    assert [line["condition"] for line in found["conditional"]] == ["More than two nodes"]
    assert len(found["contacts"]) == 2


@pytest.mark.parametrize(
    ("condition", "severity", "applies"),
    [
        ("If it is SEV1", "sev-1", True),
        ("If it is SEV1", "severity 1", True),
        ("If it is SEV1", "SEV2", False),
        ("If it is SEV1", "", None),
        ("For critical alerts", "critical", True),
        ("For critical alerts", "warning", False),
        ("If it is P2 or higher", "P1", None),
        ("If it is P2 or higher", "P2", True),
        ("If the load is high", "low", None),
    ],
)
def test_a_condition_on_the_severity_is_decided_where_it_can_be(
    condition: str, severity: str, applies: bool | None
) -> None:
    found = asked(f"## Escalation\n\n- {condition}: incident lead, +1 555 0199\n", severity=severity)

    assert [line["applies"] for line in found["contacts"]] == [applies]


def test_who_is_named_in_a_step_has_no_turn() -> None:
    found = asked("## Fix\n\n1. Call the web team, +1 555 0100.\n")

    assert (found["now"], found["next"], found["contacts"]) == ([], None, [])
    assert found["named"][0]["contacts"][-1]["value"] == "+1 555 0100"
    assert found["note"] == "this document has no list of whom to turn to; who is named in its text is under 'named'"


def test_a_document_without_contacts_says_so() -> None:
    assert asked("1. Stop it.\n")["note"] == "no contacts were found in this document; it has 1 step"
    assert asked(LADDER)["note"] == ""


def test_each_contact_says_where_it_stands() -> None:
    (line, *_) = asked(LADDER)["now"]

    for contact in line["contacts"]:
        span = contact["span"]
        assert LADDER[span["start"] : span["end"]].strip("`") == contact["value"]
    assert line["section"] == "h2"


@pytest.mark.parametrize(
    ("at", "minutes"),
    [
        ("", None),
        ("0", 0),
        ("20", 20),
        ("2026-11-29T03:10:00Z", 10),
        ("2026-11-29T04:10:30+01:00", 9),
        ("2026-11-29T05:00:00Z", 0),
    ],
)
def test_the_start_is_said_in_minutes_or_as_a_time(at: str, minutes: int | None) -> None:
    assert elapsed(at, NOW).minutes == minutes


@pytest.mark.parametrize("at", ["soon", "-5", "2026-11-29T03:10:00", "9" * 30, "2026-13-01T00:00:00Z", "２０"])
def test_a_start_that_cannot_be_read_is_refused(at: str) -> None:
    with pytest.raises(InvalidQueryError, match="how many minutes ago"):
        elapsed(at, NOW)


def test_the_time_of_the_next_turn_is_known_where_the_start_is() -> None:
    found = escalation(read(LADDER), "", elapsed("2026-11-29T04:10:00+01:00", NOW))

    assert (found["next"]["in_minutes"], found["next"]["at"]) == (5, "2026-11-29T03:25:00+00:00")
    assert escalation(read(LADDER), "", elapsed("10", NOW))["next"]["at"] is None
