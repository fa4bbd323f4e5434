"""The samples that come with the project keep what the first minutes with it promise."""

import json
import re
from pathlib import Path

import pytest

from personal_pipeline.domain.alert_keys import link_keys
from personal_pipeline.domain.alert_sources import alertmanager
from personal_pipeline.domain.alerts import Alert
from personal_pipeline.domain.catalog import AlertKey
from personal_pipeline.domain.documents import DocumentMetadata
from personal_pipeline.domain.metadata import document_metadata, exact_keys, parse_services_file
from personal_pipeline.domain.parsing import FORMATS, format_of, parse_document, source_of
from tests.docs import make_samples

EVENTS = Path(__file__).parents[2] / "events"
DOCUMENTS = EVENTS / "documents"
SERVICES = parse_services_file((DOCUMENTS / "_services.yaml").read_bytes())
RULES = DOCUMENTS / "monitoring" / "alerts.rules.yaml"
OTHERS = [RULES, DOCUMENTS / "_services.yaml"]
FILES = sorted(path for path in DOCUMENTS.rglob("*") if path.is_file() and path not in OTHERS)
named = lambda path: str(path.relative_to(DOCUMENTS))  # noqa: E731


def key_of(file: Path) -> str:
    return f"documents/{named(file)}"


def text_of(file: Path) -> str:
    """As it is shown: what is no text is written as Markdown."""
    body = file.read_bytes()
    return source_of(key_of(file), body, parse_document(key_of(file), body))[0]


def metadata_of(file: Path) -> DocumentMetadata:
    return document_metadata(key_of(file), parse_document(key_of(file), file.read_bytes()), SERVICES)


def sample(name: str) -> tuple[Alert, ...]:
    return alertmanager.read(json.loads((EVENTS / "alerts" / "alertmanager" / f"{name}.json").read_text())).alerts


def runbooks_for(name: str) -> list[str]:
    wanted = AlertKey.of("alert", name)
    return [named(file) for file in FILES if wanted in exact_keys(key_of(file), metadata_of(file))]


@pytest.mark.parametrize("file", FILES, ids=named)
def test_a_sample_is_read_without_a_warning_and_belongs_to_somebody(file: Path) -> None:
    parsed = parse_document(key_of(file), file.read_bytes())
    metadata = metadata_of(file)

    assert parsed.blocks
    assert not parsed.warnings
    assert metadata.title
    assert metadata.type != "runbook" or file.parent == DOCUMENTS or (metadata.services and metadata.owner)


@pytest.mark.parametrize("file", FILES, ids=named)
def test_a_sample_links_to_pages_that_are_there(file: Path) -> None:
    text = text_of(file)
    links = re.findall(r"\]\(([^)#:]+)\)|link:([^\[]+)\[|href=\"([^\"#:/][^\"#:]*)\"", text)

    for link in (part for found in links for part in found if part):
        assert (file.parent / link).is_file(), link


@pytest.mark.parametrize("file", [*FILES, *OTHERS], ids=named)
def test_a_sample_names_no_real_number_or_address(file: Path) -> None:
    text = text_of(file) if file in FILES else file.read_text()

    assert set(re.findall(r"\+\d[\d ]{4,}\d", text)) == set(re.findall(r"\+1 555 01\d\d", text))
    assert set(re.findall(r"@[\w-]+\.\w+", text)) <= {"@example.com"}


@pytest.mark.parametrize("file", make_samples.SAMPLES, ids=named)
def test_a_sample_that_is_no_text_is_what_its_script_writes(file: Path) -> None:
    assert file.read_bytes() == make_samples.SAMPLES[file], "run python -m tests.docs.make_samples"


def test_the_samples_have_a_file_of_every_format() -> None:
    formats = {format_of(key_of(file)) for file in FILES}

    assert formats == set(FORMATS.values())
    count = len(FILES) + len(OTHERS)
    assert f"{count} files, {count} new or changed" in (EVENTS.parent / "README.md").read_text()


def test_services_stand_on_services_that_are_listed() -> None:
    for service in SERVICES.services.values():
        assert set(service.depends_on) <= {other.name for other in SERVICES.services.values()}, service.name


def test_an_alert_name_belongs_to_one_runbook() -> None:
    names = [name for file in FILES for name in metadata_of(file).alert_names]

    assert len(names) > 40
    assert all(len(runbooks_for(name)) == 1 for name in names)


def test_the_links_of_the_rules_lead_to_samples_but_for_one_that_is_out_of_date() -> None:
    parsed = parse_document(key_of(RULES), RULES.read_bytes())
    by_key = {key: named(file) for file in FILES for key in exact_keys(key_of(file), metadata_of(file))}
    leads_to = {
        alert: next((by_key[key] for link in links for key in link_keys(link) if key in by_key), None)
        for alert, links in parsed.links.items()
    }

    assert not parsed.warnings
    assert leads_to == {
        "NodeFilesystemAlmostOutOfSpace": "platform/disk-full-on-a-node.md",
        "NodeImageVolumeFull": "platform/disk-full-on-a-node.md",
        "ContainerRestartedForMemory": "platform/container-out-of-memory.md",
        "CheckoutHighErrorRate": "checkout/checkout-error-rate.md",
        "LoginsDropped": "cache/customers-logged-out.txt",
        "SearchResultsStale": None,
    }
    assert runbooks_for("LoginsDropped") == [], "only its rule ties it to a page"


def test_the_alert_that_is_sent_first_has_its_runbook() -> None:
    (alert,) = sample("firing")

    assert runbooks_for(alert.name) == ["platform/disk-full-on-a-node.md"]


def test_the_resolved_alert_is_the_one_that_fired() -> None:
    fired, resolved = (sample(name)[0] for name in ("firing", "resolved"))

    assert (fired.status, resolved.status) == ("firing", "resolved")
    assert fired.fingerprint == resolved.fingerprint


def test_the_batch_has_a_link_a_name_and_one_that_only_search_finds() -> None:
    linked, by_name, by_search, resolved = sample("batch")

    assert linked.runbook_url.endswith("/checkout/checkout-error-rate")
    assert runbooks_for(by_name.name) == ["orders-db/too-many-connections.adoc"]
    assert runbooks_for(by_search.name) == []
    assert resolved.status == "resolved"
