"""The page about mappings: its example is a mapping, and the bodies to paste are those that the samples have."""

import json
import re
from pathlib import Path

import pytest

from personal_pipeline.alert_mappings import load

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "alert-mappings.md").read_text(encoding="utf-8")


def fenced(after: str) -> str:
    return re.split(r"```\w*\n", PAGE.partition(after)[2], maxsplit=1)[1].partition("```")[0]


def sample(source: str) -> dict[str, object]:
    return json.loads((ROOT / "events" / "alerts" / source / "firing.json").read_text(encoding="utf-8"))


def test_the_example_reads_its_samples(tmp_path: Path) -> None:
    file = tmp_path / "mappings.yaml"
    file.write_text(fenced("## Write one"))

    (alert,) = load(file)["beacon"].read(sample("generic")).alerts

    assert (alert.name, alert.severity, alert.labels["region"]) == ("CoreDNSDown", "critical", "eu-1")


@pytest.mark.parametrize("source", ["elastic", "splunk_on_call", "zabbix"])
def test_a_body_to_paste_has_the_fields_of_the_sample(source: str) -> None:
    assert json.loads(fenced(f"<!-- body: {source} -->")).keys() == sample(source).keys()


@pytest.mark.parametrize(("source", "field"), [("nagios", r"--arg (\w+) "), ("icinga", r"PP_(\w+) =")])
def test_a_command_to_paste_sends_the_fields_of_the_sample(source: str, field: str) -> None:
    assert re.findall(field, fenced(f"<!-- body: {source} -->")) == list(sample(source))


def test_every_mapping_on_the_page_says_that_it_was_not_checked_live() -> None:
    sections = PAGE.partition("## Mappings that are there")[2].split("\n### ")[1:]

    assert len(sections) == 5
    assert all("not checked against a live sender" in section for section in sections)
