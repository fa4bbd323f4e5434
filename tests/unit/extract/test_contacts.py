"""Whom to ask, and how."""

import pytest

from personal_pipeline.domain.extract.review import review_said
from tests.unit.extract.reading import branches, contacts, read


def test_a_line_of_contacts_has_a_name_and_its_addresses() -> None:
    text = "# Page\n\n## Escalation\n\nDatabase on call: `#data`, +1 555 0100, data@example.com.\n"

    assert contacts(text) == [
        ("schedule", "Database on call"),
        ("channel", "#data"),
        ("phone", "+1 555 0100"),
        ("email", "data@example.com"),
    ]
    assert {contact.group for contact in read(text).contacts} == {1}


def test_a_list_of_contacts_has_an_order_and_says_how_long_to_wait() -> None:
    text = (
        "# Page\n\n## Who to call\n\n1. Anna Berg, +49 30 5550 123\n2. After 15 minutes: incident lead, +1 555 0199\n"
    )
    found = read(text).contacts

    assert [(one.kind, one.value, one.order, one.waits) for one in found] == [
        ("person", "Anna Berg", 1, None),
        ("phone", "+49 30 5550 123", 1, None),
        ("person", "incident lead", 2, 15),
        ("phone", "+1 555 0199", 2, 15),
    ]
    assert branches(text) == [("After 15 minutes", "incident lead, +1 555 0199")]


def test_a_condition_may_stand_before_or_after_the_name() -> None:
    text = "## Contacts\n\n- Whole zone: incident lead, +1 555 0100\n- Duty manager, +1 555 0101, when money is lost\n"

    assert [one.condition for one in read("# P\n\n" + text).contacts] == ["Whole zone"] * 2 + ["when money is lost"] * 2


def test_in_running_text_a_name_counts_when_somebody_is_to_be_asked() -> None:
    assert contacts("Escalate to the storage team in `#storage`. The web team owns this page.\n") == [
        ("team", "the storage team"),
        ("channel", "#storage"),
    ]


def test_a_table_of_contacts_is_read() -> None:
    text = "# P\n\n## Contacts\n\n| Role | Name | Phone |\n|---|---|---|\n"
    text += "| Facility manager | Jonas Weber | +49 170 555 |\n"

    assert contacts(text) == [("person", "Facility manager"), ("person", "Jonas Weber"), ("phone", "+49 170 555")]


def test_terms_with_their_numbers_are_contacts() -> None:
    assert contacts("= P\n\n== Contacts\n\nDatabase on call:: `#data`, +1 555 0100\n", "adoc") == [
        ("schedule", "Database on call"),
        ("channel", "#data"),
        ("phone", "+1 555 0100"),
    ]


def test_facts_about_a_page_come_from_its_head() -> None:
    found = read("---\nowner: team-a\nalerts: [DiskFull, NodeDown]\nreviewed: 2026-01-02\n---\n# Page\n").facts

    assert [(fact.kind, fact.value) for fact in found] == [
        ("owner", "team-a"),
        ("alert", "DiskFull"),
        ("alert", "NodeDown"),
        ("reviewed", "2026-01-02"),
    ]
    assert review_said(found) == ("2026-01-02", "")
    assert review_said(()) == ("", "")


def test_links_say_where_they_lead_and_whether_it_is_a_dashboard() -> None:
    found = read("See [disk](disk.md) and https://grafana.example.org/d/abc.\n").links

    assert [(link.target, link.is_dashboard) for link in found] == [
        ("disk.md", False),
        ("https://grafana.example.org/d/abc", True),
    ]


ESCALATION = "# Page\n\n## Escalation\n\n"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Second line: Head of Stores", [("person", "Head of Stores")]),
        ("Ticket queue: BELT-OPS", [("channel", "BELT-OPS")]),
        ("Nobody there: Ida Brandt, +1 555 0120", [("person", "Ida Brandt"), ("phone", "+1 555 0120")]),
        ("At night call the guard, x4410", [("team", "the guard"), ("phone", "x4410")]),
        (
            "Maker's hotline, https://help.belt.example/",
            [("team", "Maker's hotline"), ("channel", "https://help.belt.example/")],
        ),
        ("The belt team sits in `#belts`", [("team", "The belt team"), ("channel", "`#belts`")]),
        ("First call: night desk, 7100 (24 h)", [("team", "night desk"), ("phone", "7100")]),
        ("IT on call if the pump is at fault – pager 3310", [("schedule", "IT on call"), ("phone", "pager 3310")]),
        ("Mail room, pager 7712", [("team", "Mail room"), ("phone", "pager 7712")]),
        ("Raise it with the maker's support", [("team", "the maker's support")]),
        ("In addition, `#belts` is read by day", [("channel", "`#belts`")]),
    ],
)
def test_a_line_of_an_escalation_names_whom_and_where(line: str, found: list[tuple[str, str]]) -> None:
    assert [(kind, value.strip("`")) for kind, value in contacts(f"{ESCALATION}- {line}\n")] == [
        (kind, value.strip("`")) for kind, value in found
    ]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Let the night crew know.", [("team", "the night crew")]),
        ("Ask Ida Brandt or whoever is on shift.", [("person", "Ida Brandt"), ("schedule", "whoever is on shift")]),
        ("Speak to your Delivery Manager about it.", [("person", "your Delivery Manager")]),
        ("Talk to developers new to the team.", []),
        ("The process makes changes to support older belts.", []),
    ],
)
def test_names_in_running_text_are_not_longer_than_they_are(sentence: str, found: list[tuple[str, str]]) -> None:
    assert contacts(sentence + "\n") == found


@pytest.mark.parametrize(
    ("line", "condition"),
    [
        ("After half an hour, the maker's hotline, +1 555 0120", "After half an hour"),
        ("If guests wait also the front desk: x4410", "If guests wait"),
        ("Second line: the belt team, x4410", ""),
    ],
)
def test_a_time_or_a_condition_may_begin_a_line_of_contacts(line: str, condition: str) -> None:
    assert {contact.condition for contact in read(f"{ESCALATION}- {line}\n").contacts} == {condition}
