import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest

from personal_pipeline.domain.catalog import AlertKey, Card
from personal_pipeline.domain.documents import Document, DocumentMetadata
from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.metadata import (
    card,
    document_metadata,
    exact_keys,
    fallback_title,
    first_step,
    parse_services_file,
)
from personal_pipeline.domain.parsing import parse_document

SERVICES = parse_services_file(
    b"""
- name: checkout
  aliases: [cart, Checkout API]
  owner: team-checkout
  groups: [shop]
  contacts: ["on call: #checkout", "+1 555 0111"]
- name: orders-db
  owner: team-data
"""
)


def metadata(path: str, text: str = "text", services: Any = SERVICES, source: str = "handbook") -> DocumentMetadata:
    key = f"{source}/{path}"
    return document_metadata(key, parse_document(key, text.encode()), services, "external-7")


def a_document(**fields: Any) -> Document:
    known: dict[str, Any] = {"doc_id": "a" * 16, "key": "handbook/a.md", "source": "handbook", "path": "a.md", "rev": 3}
    known |= {"content_hash": "h", "updated": datetime(2026, 1, 1, tzinfo=UTC), "passages": (), "text": ""}
    known |= {"format": "markdown", "metadata": DocumentMetadata(title="Disk full", first_step="Look.")}
    return Document(**(known | fields))


def test_the_front_matter_is_believed_first() -> None:
    found = metadata(
        "checkout/a.md",
        "---\ntitle: Disk full\ntype: Policy\nservice: Orders DB\nseverity: Critical\nowner: me\ncontact: '#here'\n"
        "groups: [ops, dba]\nalerts: [DiskFull, 'a, b']\naliases: [/old/disk, disk alarm]\nurl: https://wiki.example/disk\n"
        "critical: true\nlast_reviewed: 2026-09-01\n---\ntext",
    )

    assert found == DocumentMetadata(
        title="Disk full",
        type="policy",
        url="https://wiki.example/disk",
        services=("orders-db",),
        severity="critical",
        owner="me",
        contact="#here",
        groups=("ops", "dba"),
        alert_names=("DiskFull", "a, b"),
        aliases=("/old/disk", "disk alarm"),
        external_id="external-7",
        critical=True,
        reviewed="2026-09-01",
        first_step="text",
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("checkout/slow.md", "text"),
        ("Checkout_API/slow.md", "text"),
        ("a.md", "# The cart is empty"),
        ("a.md", "---\nservice: cart\n---\ntext"),
    ],
)
def test_what_the_front_matter_does_not_say_comes_from_the_services_file(path: str, text: str) -> None:
    found = metadata(path, text)

    assert (found.services, found.owner, found.groups) == (("checkout",), "team-checkout", ("shop",))
    assert found.contact == "on call: #checkout; +1 555 0111"


def test_a_service_is_matched_by_whole_words_only() -> None:
    assert metadata("a.md", "# The cartoon is slow").services == ()
    assert metadata("cartoons/a.md").services == ()


def test_a_service_that_no_file_knows_comes_from_the_path() -> None:
    assert metadata("services/billing/docs/a.md").services == ("billing",)
    assert metadata("services/a.md").services == ()


def test_without_groups_a_document_is_public() -> None:
    assert metadata("a.md").groups == ("public",)
    assert metadata("a.md", "---\ngroups: [ops]\n---\ntext").groups == ("ops",)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("runbooks/disk.md", "runbook"),
        ("docs/alerts/disk.md", "runbook"),
        ("alerts/docs/disk.md", "document"),
        ("docs/architecture.md", "document"),
        ("postmortems/2026-01.md", "postmortem"),
        ("Incidents/2026-01.md", "postmortem"),
        ("CHANGELOG.md", "changelog"),
        ("disk.md", "runbook"),
    ],
)
def test_the_nearest_telling_folder_says_the_type(path: str, kind: str) -> None:
    assert metadata(path).type == kind


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("disk-full.md", "Disk full"),
        ("a/KubePodCrashLooping.md", "KubePodCrashLooping"),
        ("etcdMembersDown.html.md.erb", "etcdMembersDown"),
        ("disk_full.en.md", "Disk full"),
        ("storage/README.md", "Storage"),
        ("storage/disk-full/_index.en.md", "Disk full"),
        ("README.md", "README"),
        ("playbooks.md#disk-full", "Disk full"),
        ("LICENSE", "LICENSE"),
        ("-.md", "-.md"),
    ],
)
def test_a_document_without_a_title_is_named_by_its_file(path: str, title: str) -> None:
    assert fallback_title(path) == title


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("a.md", "# KubePodCrashLooping\n\ntext", ("KubePodCrashLooping",)),
        ("a.md", "# x\n\n## Alert: `TargetDown`\n\ntext", ("TargetDown",)),
        ("a.md", "## KubeNodeDown and KubeNodeNotReady alerts\n\ntext", ("KubeNodeDown", "KubeNodeNotReady")),
        ("etcdMembersDown.md", "text", ("etcdMembersDown",)),
        ("a.md", "# Backup of GitHub\n\nSee KubePodCrashLooping.", ()),
        ("disk.md", "# Watchdog\n\ntext", ()),
        ("a.md", "---\nalert: DiskFull\nalert_names: [Other]\n---\n# DiskFull\n\nx", ("DiskFull", "Other")),
    ],
)
def test_alert_names_are_those_that_stand_alone(path: str, text: str, names: tuple[str, ...]) -> None:
    assert metadata(path, text).alert_names == names


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://a.example", "/local"])
def test_only_web_addresses_are_kept_as_url(url: str) -> None:
    assert metadata("a.md", f"---\nurl: '{url}'\n---\ntext").url == ""


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("Some words. More.\n\n- a point\n\n1. Look at `df`.\n2. Wait.", "Look at df."),
        ("Some words.\n\n```sh\n# why\n$ df -h\n```", "df -h"),
        ("Some words. More.\n\n```yaml\na: 1\n```", "Some words."),
        ("# T\n\n- The first point. And more", "The first point."),
        ("# Only a title", ""),
    ],
)
def test_the_first_step_is_a_numbered_one_else_a_command_else_a_sentence(text: str, step: str) -> None:
    assert first_step(parse_document("handbook/a.md", text.encode())) == step


def test_a_plain_text_step_ends_where_the_next_begins() -> None:
    assert first_step(parse_document("handbook/a.txt", b"1. Look\n   closely.\n2. Wait.")) == "Look closely."


def test_exact_keys_are_alert_names_title_addresses_and_aliases() -> None:
    known = DocumentMetadata(
        title="Disk full",
        url="https://wiki.example/x/disk",
        alert_names=("DiskFull",),
        aliases=("/old", "Disk alarm", "arn:aws:x"),
    )

    assert set(exact_keys("handbook/content/runbooks/Disk.html.md", known)) == {
        AlertKey("title", "diskfull"),
        AlertKey("alert", "diskfull"),
        AlertKey("path", "content/runbooks/disk.html.md"),
        AlertKey("url", "content/runbooks/disk"),
        AlertKey("url", "runbooks/disk"),
        AlertKey("url", "disk"),
        AlertKey("url", "x/disk"),
        AlertKey("url", "old"),
        AlertKey("title", "diskalarm"),
        AlertKey("arn", "arn:aws:x"),
    }


def test_a_document_has_at_most_forty_keys_and_never_loses_title_and_path() -> None:
    known = DocumentMetadata(title="Many", alert_names=tuple(f"Alert{n}" for n in range(50)))
    keys = exact_keys("handbook/many.md", known)

    assert len(keys) == 40
    assert {AlertKey("title", "many"), AlertKey("path", "many.md"), AlertKey("alert", "alert0")} <= set(keys)


def test_a_card_has_what_an_answer_needs() -> None:
    assert card(a_document()) == Card("a" * 16, "Disk full", "", "handbook", "a.md", "Look.", "", ("public",), 3)


@pytest.mark.parametrize("character", ["a", "ü", "\U0001f525", '"', "\\"])
def test_a_card_is_at_most_600_bytes_whatever_is_in_the_document(character: str) -> None:
    long = character * 300
    known = DocumentMetadata(
        title=long, first_step=long, contact=long, url="https://a.example/" + long, groups=(long,) * 9
    )
    found = card(a_document(metadata=known, path=long * 3, source=long))

    assert len(json.dumps(asdict(found)).encode()) <= 600
    assert found.doc_id == "a" * 16
    assert found.url in {"", known.url}
    assert all(group in known.groups for group in found.groups)


def test_a_card_shortens_the_step_before_the_title() -> None:
    known = DocumentMetadata(
        title="t" * 120, first_step="s" * 300, contact="c" * 60, url="https://a.example/" + "u" * 60
    )
    found = card(a_document(metadata=known))

    assert (found.title, found.contact, found.url) == (known.title, known.contact, known.url)
    assert found.first_step == "s" * len(found.first_step)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"just text", "no list of services"),
        (b"- owner: me", "entry 1 has no name"),
        (b"- name: a\n- name: [b]", "entry 2 has no name"),
        (b"- name: a\n  groups: {b: c}", "groups of 'a' is no list of texts"),
        (b"- name: a\n  owner: [b]", "owner of 'a' is no text"),
        (b"- {name: a", "cannot be read"),
        (b"- &a {name: a}\n- *a", "aliases"),
        (b"\0", "is binary"),
        (b"folders: {path: a, groups: b}", "folders is no list"),
        (b"folders:\n- path: a\n", "folder 1 needs path and groups"),
        (b"folders:\n- {path: a, groups: [b]}\n- {groups: [b]}\n", "folder 2 needs path and groups"),
        (b"folders:\n- {path: a, groups: [b], group: c}\n", "folder 1 needs path and groups, and nothing else"),
        (b"folders:\n- {path: a, groups: []}\n", "folder 'a' names no groups"),
        (b"folders:\n- {path: a, groups: {b: c}}\n", "groups of folder 'a' is no list"),
    ],
)
def test_a_services_file_that_cannot_be_read_says_where(body: bytes, reason: str) -> None:
    with pytest.raises(InvalidDocumentError, match=reason) as refused:
        parse_services_file(body)

    assert "_services.yaml" in str(refused.value)


FOLDERS = parse_services_file(
    b"services:\n- {name: ledger, groups: [sre]}\nfolders:\n- {path: /payroll/, groups: finance}\n"
    b"- {path: payroll/handbook, groups: [public]}\n- {path: ., groups: [staff, ops]}\n"
)


@pytest.mark.parametrize(
    ("path", "groups"),
    [
        ("payroll/run.md", ("finance",)),
        ("payroll/ledger/run.md", ("finance",)),
        ("payroll/handbook/run.md", ("public",)),
        ("payroll.md", ("staff", "ops")),
        ("payrolls/run.md", ("staff", "ops")),
        ("ledger/run.md", ("staff", "ops")),
    ],
)
def test_who_may_see_a_document_says_the_nearest_folder_with_a_rule(path: str, groups: tuple[str, ...]) -> None:
    assert metadata(path, services=FOLDERS).groups == groups
    assert metadata(path, "---\ngroups: [own]\n---\ntext", services=FOLDERS).groups == ("own",)


def test_a_folder_without_a_rule_leaves_it_to_the_services() -> None:
    said = parse_services_file(b"services:\n- {name: ledger, groups: [sre]}\nfolders:\n- {path: a, groups: b}\n")

    assert metadata("ledger/run.md", services=said).groups == ("sre",)
    assert metadata("other/run.md", services=said).groups == ("public",)


def test_a_services_file_may_have_folders_only() -> None:
    assert parse_services_file(b"folders:\n- {path: a, groups: b}\n").folders == {"a": ("b",)}


def test_a_services_file_may_name_its_list() -> None:
    assert parse_services_file(b"services:\n- name: a\n  aliases: b\n").services.keys() == {"a", "b"}
