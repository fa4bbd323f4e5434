"""The page of the alert sources says what the readers read."""

import json
import re

import pytest

from infra.reference import ROOT
from personal_pipeline.domain.alert_sources import SOURCES
from personal_pipeline.domain.errors import InvalidAlertError

PAGE = (ROOT / "docs" / "alert-sources.md").read_text(encoding="utf-8")


def template(section: str) -> str:
    found = re.search(rf"^## {section}\n.*?^```\w+\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


def sample(source: str) -> dict[str, object]:
    read: dict[str, object] = json.loads((ROOT / "events" / "alerts" / source / "firing.json").read_text())
    return read


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_every_source_has_a_row(source: str) -> None:
    assert len(re.findall(rf"^\| `{source}` \|", PAGE, re.MULTILINE)) == 1


def test_the_template_for_datadog_has_the_fields_of_the_sample() -> None:
    fields = json.loads(template("Datadog"))

    assert fields.keys() == sample("datadog").keys()


def test_a_template_of_datadog_in_which_nothing_was_filled_in_is_refused_by_name() -> None:
    with pytest.raises(InvalidAlertError, match=r"datadog: there is no title: paste"):
        SOURCES["datadog"](json.loads(template("Datadog")))


def test_the_template_for_new_relic_has_the_fields_of_the_sample() -> None:
    fields = set(re.findall(r'^  "(\w+)":', template("New Relic"), re.MULTILINE))

    assert fields == sample("new_relic").keys()
