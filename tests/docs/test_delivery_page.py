"""The page about delivery says what the code does."""

import re
from typing import get_args

from infra import reference
from personal_pipeline.adapters.targets import http_client, pagerduty, sns
from personal_pipeline.domain.routing import Kind
from personal_pipeline.events import MAX_COMMAND, MAX_LISTED, MAX_SECTIONS, MAX_TEXT
from personal_pipeline.routes import KINDS, MAX_BYTES, OneRoute, read_routes
from personal_pipeline.services.deliver_notice import PATIENT_ATTEMPTS
from personal_pipeline.services.receipts import RECEIPT_SECONDS
from personal_pipeline.settings import DeliverSettings

PAGE = (reference.ROOT / "docs" / "delivery.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_example_is_a_routes_file() -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)

    assert len(read_routes(example, "docs/delivery.md").routes) == 2


def test_the_fields_of_a_route_are_those_of_the_file() -> None:
    assert re.findall(r"^\| `(\w+)` \|", section("The routes file"), re.MULTILINE) == list(OneRoute.model_fields)


def test_every_kind_is_there_with_its_fields_and_whether_they_are_required() -> None:
    table = section("Targets").split("What each does")[0]
    said: dict[str, dict[str, bool]] = {}
    for kind, fields, required in re.findall(r"^\| (?:`(\w+)`)? ?\| ([^|]*) ?\| ([^|]*) ?\|", table, re.MULTILINE):
        if kind or fields.strip().startswith("`"):
            said.setdefault(kind or list(said)[-1], {}).update(
                {field: required.strip() == "required" for field in re.findall(r"`(\w+)`", fields)}
            )

    assert said == {
        model.__name__.lower(): {
            field.alias or name: field.is_required()
            for name, field in model.model_fields.items()
            if name not in {"name", "kind"}
        }
        for model in KINDS
    }
    assert set(said) == set(get_args(Kind))


def test_what_happens_when_a_target_is_down_is_what_the_code_does() -> None:
    settings, text = DeliverSettings(), section("When a target is down")

    assert settings.delivery_delays == (5, 30, 2 * 60, 5 * 60, 10 * 60, 15 * 60)
    assert "5 s, 30 s, 2, 5 and 10 minutes, then every 15 minutes, twelve times" in " ".join(text.split())
    assert (settings.target_breaker_failures, settings.target_breaker_open_seconds) == (5, 30)
    assert PATIENT_ATTEMPTS == 4
    assert http_client.MAX_RETRY_SECONDS == 15 * 60


def test_limits_are_those_of_the_code() -> None:
    rows = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|", section("Limits"), re.MULTILINE))

    assert rows["routes file"].startswith(f"{MAX_BYTES // 1024} KiB, ")
    assert rows["connection, answer"] == (
        f"{http_client.CONNECT_SECONDS} s to connect, {http_client.READ_SECONDS:g} s for the answer; "
        f"{http_client.MAX_ANSWER_BYTES // 1024} KiB of it are read"
    )
    assert rows["event"] == (
        f"{MAX_SECTIONS} sections, {MAX_LISTED} of each list, {MAX_TEXT} characters of a text, "
        f"{MAX_COMMAND:,} of a command"
    )
    assert rows["subject of SNS"] == f"{sns.MAX_SUBJECT} characters of ASCII"
    assert rows["note on PagerDuty"] == f"{pagerduty.MAX_NOTE:,} characters, on five incidents of a notice"
    assert rows["receipt"] == f"{RECEIPT_SECONDS / 86400:g} days"
