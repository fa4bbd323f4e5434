"""What every keeper of secrets promises."""

from typing import Any

import pytest

from personal_pipeline.domain.errors import SecretMissingError


def test_one_value_per_line_the_newest_first(keeper: Any) -> None:
    keeper.write("webhook", "new-value\n\n  old-value \n")

    assert keeper.secrets.values("webhook") == ("new-value", "old-value")


def test_a_changed_secret_is_live_after_a_while(keeper: Any) -> None:
    keeper.write("webhook", "old")
    assert keeper.secrets.values("webhook") == ("old",)

    keeper.write("webhook", "new\nold")
    keeper.forward(301)

    assert keeper.secrets.values("webhook") == ("new", "old")


def test_a_secret_that_is_not_there_is_named(keeper: Any) -> None:
    with pytest.raises(SecretMissingError, match="webhook"):
        keeper.secrets.values("webhook")


def test_an_empty_secret_opens_nothing(keeper: Any) -> None:
    keeper.write("webhook", " \n")

    with pytest.raises(SecretMissingError, match="empty"):
        keeper.secrets.values("webhook")
