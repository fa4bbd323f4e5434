"""What a new word about an alert means for what was known of it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from personal_pipeline.domain.alerts import Alert, Severity
from personal_pipeline.domain.episodes import MAX_TIMELINE, AlertRecord, EpisodePolicy, Observed, observe

POLICY = EpisodePolicy(quiet=300, remind=3600, lease=60)
START = 1_000_000.0


def word(status: str = "firing", started: float | None = START) -> Alert:
    began = datetime.fromtimestamp(started, UTC) if started is not None else None
    return Alert(
        "alertmanager", "DiskFull", "resolved" if status == "resolved" else "firing", "f1", Severity.WARNING,
        "storage", "", "", "", began,
    )  # fmt: skip


class Story:
    """What happens to one alert, word by word."""

    def __init__(self) -> None:
        self.record: AlertRecord | None = None

    def hears(self, alert: Alert, at: float, owner: str = "m") -> str:
        observed: Observed = observe(self.record, alert, at, owner, POLICY)
        self.record = observed.record or self.record
        return observed.action

    def is_done(self) -> None:
        assert self.record
        self.record = replace(self.record, is_open=False)

    def told(self, alert: Alert, at: float, owner: str = "m") -> str:
        action = self.hears(alert, at, owner)
        self.is_done()
        return action


@pytest.mark.parametrize("started", [START, None])
def test_a_firing_is_announced_once_and_its_end_once(started: float | None) -> None:
    story = Story()

    assert story.told(word(started=started), START + 1, "m1") == "announce"
    assert story.told(word(started=started), START + 2, "m2") == "nothing"
    assert story.told(word(started=started), START + 3600, "m3") == "nothing"
    assert story.told(word("resolved", started), START + 3700, "m4") == "close"
    assert story.told(word("resolved", started), START + 3701, "m5") == "nothing"


def test_a_redelivered_message_goes_on_where_its_handler_died() -> None:
    story = Story()
    story.hears(word(), START, "m1")

    assert story.hears(word(), START + 5, "m2") == "nothing"
    assert story.hears(word(), START + 5, "m1") == "announce"


def test_another_message_takes_over_after_the_lease() -> None:
    story = Story()
    story.hears(word(), START, "m1")

    assert story.hears(word(), START + 61, "m2") == "announce"
    assert story.record
    assert story.record.owner == "m2"


def test_the_end_is_taken_over_too_by_its_own_message_only() -> None:
    story = Story()
    story.told(word(), START)
    story.hears(word("resolved"), START + 10, "m2")

    assert story.hears(word("resolved"), START + 11, "m3") == "nothing"
    assert story.hears(word("resolved"), START + 11, "m2") == "close"


def test_what_fires_again_at_once_is_the_same_trouble() -> None:
    story = Story()
    story.told(word(), START)
    story.told(word("resolved"), START + 60)

    assert story.told(word(started=START + 120), START + 120) == "again"
    assert story.record
    assert story.record.fired == 2


def test_what_fires_again_after_a_quiet_time_is_news() -> None:
    story = Story()
    story.told(word(), START)
    story.told(word("resolved"), START + 60)

    assert story.told(word(started=START + 361), START + 361) == "announce"
    assert story.record
    assert story.record.fired == 1


def test_people_are_reminded_of_what_comes_and_goes_for_an_hour() -> None:
    story = Story()
    actions = [story.told(word(), START)]
    for minute in range(2, 66, 2):
        story.told(word("resolved", START), START + 60 * minute - 30)
        actions.append(story.told(word(started=START + 60 * minute), START + 60 * minute))

    assert actions.count("announce") == 2
    assert actions.count("again") == len(actions) - 2


def test_a_firing_that_comes_after_its_own_end_is_late() -> None:
    story = Story()
    assert story.hears(word("resolved"), START + 10) == "nothing"

    assert story.hears(word(), START + 11) == "nothing"
    assert story.hears(word(started=START + 400), START + 400) == "announce"


def test_a_missed_end_does_not_swallow_the_next_firing() -> None:
    story = Story()
    story.told(word(), START)

    assert story.told(word(started=START + 7200), START + 7200) == "announce"


def test_a_long_story_keeps_its_beginning_and_its_end() -> None:
    story = Story()
    story.told(word(), START)
    assert story.record
    record = story.record
    for n in range(200):
        record = record.told(START + n, "repeated", str(n))

    assert len(record.timeline) == MAX_TIMELINE
    assert record.timeline[0].what == "received"
    assert record.timeline[-1].why == "199"
