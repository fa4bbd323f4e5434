"""The page for those who set up a sender says what the code does."""

import re
from pathlib import Path

import yaml

from personal_pipeline.alert_mappings import alert_sources
from personal_pipeline.domain.senders import (
    REMEMBERED_SECONDS,
    SECRET_HEADER,
    SENDERS,
    SHARED,
    WINDOW_SECONDS,
    Signature,
)
from personal_pipeline.sender_choices import senders

PAGE = (Path(__file__).parents[2] / "docs" / "alert-senders.md").read_text(encoding="utf-8")
NAMES = {
    "Basic": "basic",
    "Bearer": "bearer",
    "FormSignature": "form_hmac",
    "Header": "header",
    "Signature": "hmac",
    "Token": "token",
}


def test_the_table_has_the_ways_of_every_source() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (`\w+`(?:, `\w+`)*) \|", PAGE, re.MULTILINE))
    ways = {**SENDERS, "alertmanager": SHARED}

    assert rows == {name: ", ".join(f"`{NAMES[type(way).__name__]}`" for way in of) for name, of in ways.items()}
    assert set(ways) <= set(alert_sources().names)


def test_the_headers_on_the_page_are_those_that_are_read() -> None:
    (grafana,) = SENDERS["grafana"]
    assert isinstance(grafana, Signature)

    for header in (grafana.header, grafana.timestamp_header, SECRET_HEADER):
        assert header in PAGE.lower()


def test_the_file_on_the_page_can_be_used(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    file = tmp_path / "senders.yaml"
    file.write_text(text)

    chosen = senders(str(file), alert_sources())

    assert all(chosen[name] != SENDERS.get(name) for name in yaml.safe_load(text))


def test_the_times_on_the_page_are_those_of_the_code() -> None:
    assert f"more than {WINDOW_SECONDS // 60} minutes" in PAGE
    assert f"for {REMEMBERED_SECONDS // 86400} days" in " ".join(PAGE.split())
