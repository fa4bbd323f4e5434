"""What chat targets write is always valid, within the limits, and never acts on what outsiders wrote."""

import json
import logging
import os
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import Block

from personal_pipeline.adapters.targets import slack_blocks, teams_card
from personal_pipeline.domain.notices import Notice
from tests.contract.notices import HOSTILE, INVISIBLE, a_notice, a_section, a_suggestion, hostile_notice, random_notice

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "teams_message.json").read_text())
TEAMS = Draft202012Validator(SCHEMA)
COUNT = 20_000 if os.environ.get("FULL_COUNTS") == "1" else 2_000
SLACK_KEYS = {  # all that may stand in a block: whatever else Slack would act on is not among them
    "header": {"type", "text"},
    "context": {"type", "elements"},
    "rich_text": {"type", "elements"},
    "actions": {"type", "elements"},
    "plain_text": {"type", "text", "emoji"},
    "rich_text_section": {"type", "elements"},
    "rich_text_preformatted": {"type", "elements"},
    "text": {"type", "text", "style"},
    "link": {"type", "text", "url", "style"},
    "button": {"type", "action_id", "text", "value", "url"},
}
ACTIVE = re.compile(r"[<>*~`@#\n]|&(?!(?:amp|lt|gt);)|://|:\w+:|(?<![^\W_])_|_(?![^\W_])")


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node != {"bold": True}:
            yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value)


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from texts(value)


def assert_slack_takes(blocks: list[dict[str, Any]]) -> None:
    parsed = Block.parse_all(blocks)
    assert len(parsed) == len(blocks) <= slack_blocks.MAX_BLOCKS
    for block in parsed:
        assert type(block) is not Block  # one that the library does not know
        validate(block)
    assert [block.to_dict() for block in parsed] == blocks
    assert len(json.dumps(blocks, ensure_ascii=False).encode()) <= slack_blocks.MAX_BYTES
    assert blocks[0]["type"] == "header"
    for node in nodes(blocks):
        if node["type"] in {"text", "link"}:
            assert 1 <= len(node["text"]) <= 3000
        if "elements" in node:
            assert node["elements"]


def validate(found: Any) -> None:
    """Of the object and of all in it: the library checks each object for itself only."""
    if isinstance(found, JsonObject):
        found.validate_json()
        for value in vars(found).values():
            validate(value)
    elif isinstance(found, list | tuple):
        for value in found:
            validate(value)


def assert_teams_takes(body: bytes) -> None:
    TEAMS.validate(json.loads(body))
    assert len(body) <= teams_card.MAX_BYTES


def assert_nothing_acts(notice: Notice) -> None:
    blocks = [*slack_blocks.blocks(notice), *slack_blocks.blocks(notice, compact=True)]
    blocks += slack_blocks.new_runbooks([s for s in notice.sections if s.runbook or s.candidates])
    for node in nodes(blocks):
        assert set(node) <= SLACK_KEYS[node["type"]]
        assert node.get("style", {"bold": True}) == {"bold": True}
        assert not node.get("emoji", False)
        assert re.fullmatch(r"https?://[^\s@\\<>|/]+(/[^\s\\<>|]*)?", node.get("url", "https://x"))
    assert not ACTIVE.search(slack_blocks.notification(notice)), slack_blocks.notification(notice)
    cards = [json.loads(teams_card.message(notice)), json.loads(teams_card.update(notice, notice.sections))]
    for text in texts([slack_blocks.notification(notice), blocks, cards]):
        assert not INVISIBLE & set(text)


@pytest.fixture(autouse=True)
def _slack_sdk_says_nothing(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """It writes a warning where it would not raise."""
    with caplog.at_level(logging.WARNING, logger="slack_sdk"):
        yield
    assert not caplog.records


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
def test_a_hostile_text_in_any_field_is_shown_and_does_nothing(text: str) -> None:
    notice = hostile_notice(text)

    assert_nothing_acts(notice)
    assert_slack_takes(slack_blocks.blocks(notice))
    assert_teams_takes(teams_card.message(notice))
    assert_teams_takes(teams_card.update(notice, notice.sections))


def test_the_corpus_of_hostile_texts_is_as_large_as_is_said() -> None:
    assert len(set(HOSTILE)) >= 60


@pytest.mark.parametrize("text", ["<!channel>", "*bold*", "```", "https://evil.example/x", "> quoted", ":fire:"])
def test_a_hostile_text_is_shown_as_it_was_written(text: str) -> None:
    shown = [node["text"] for node in nodes(slack_blocks.blocks(hostile_notice(text))) if node.get("type") == "text"]

    assert any(text in one for one in shown)


def test_whatever_a_notice_says_is_valid_and_within_the_limits() -> None:
    sizes = []
    for seed in range(COUNT):
        notice = random_notice(random.Random(seed))
        blocks = slack_blocks.blocks(notice)
        assert_slack_takes(blocks)
        assert_slack_takes(slack_blocks.blocks(notice, compact=True))
        card = teams_card.message(notice)
        assert_teams_takes(card)
        sizes.append((len(blocks), len(card)))
        if seed % 10 == 0:
            assert_nothing_acts(notice)
    print(f"{COUNT} notices: {max(size[0] for size in sizes)} blocks, {max(size[1] for size in sizes)} bytes at most")


def test_a_burst_too_large_for_one_message_shows_the_first_whole_and_counts_the_rest() -> None:
    notice = a_notice(*(a_section(firing=n) for n in range(1, 61)))

    blocks = slack_blocks.blocks(notice)
    card = json.loads(teams_card.message(notice))

    commands = [node for node in nodes(blocks) if node["type"] == "rich_text_preformatted"]
    assert len(commands) >= 2
    for said in (blocks, card):
        assert any(re.match(r"Not shown: \d+ more answers, for \d+ alerts\.", text) for text in texts(said))
    sections = [text for text in texts(blocks) if re.match(r"\d+ alerts?: DiskWillFill", text)]
    assert len(sections) >= 15


def test_suggestions_of_a_long_burst_keep_their_place() -> None:
    blocks = slack_blocks.blocks(a_notice(*(a_suggestion() for _ in range(12))))

    assert sum(text.startswith("1 alert: ") for text in texts(blocks)) == 12
