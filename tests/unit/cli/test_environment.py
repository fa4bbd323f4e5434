from pathlib import Path

import pytest

from infra.cli.environment import Environment
from infra.cli.errors import CommandError


def test_the_kept_token_is_sent_to_this_machine_only(data: Path) -> None:
    here = Environment.read({"PP_DATA": str(data), "PP_URL": "http://localhost:9000"})
    elsewhere = Environment.read({"PP_DATA": str(data), "PP_URL": "https://pp.example.com"})

    assert here.token_for("/local/queues") == "operator-token"
    assert here.webhook_secret() == "webhook-secret-value"
    assert elsewhere.token_for("/local/queues") == ""
    assert elsewhere.webhook_secret() == ""


def test_an_address_that_only_begins_like_this_machine_is_another_one(data: Path) -> None:
    for url in ("http://127.0.0.1.example.com", "http://localhost@example.com", "http://localhost.example.com:8080"):
        assert Environment.read({"PP_DATA": str(data), "PP_URL": url}).token_for("/local/queues") == ""


def test_tokens_that_were_given_go_where_they_were_given_for(data: Path) -> None:
    given = {"PP_URL": "https://pp.example.com", "PP_TOKEN": "operator", "PP_API_TOKEN": "caller", "PP_DATA": str(data)}
    environment = Environment.read(given)

    assert environment.token_for("/local/queues") == "operator"
    assert environment.token_for("/v1/search") == "caller"


def test_the_operators_token_is_not_sent_with_questions(data: Path) -> None:
    assert Environment.read({"PP_DATA": str(data)}).token_for("/v1/search") == ""


def test_of_two_live_secrets_the_newest_is_used(data: Path) -> None:
    (data / "webhook-secret").write_text("newest\nolder\n")

    assert Environment.read({"PP_DATA": str(data)}).webhook_secret() == "newest"


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://x", "http://", "http://x:port", "http://x:0", "http://a b"])
def test_a_wrong_address_is_named_with_how_to_write_it(url: str) -> None:
    with pytest.raises(CommandError, match=r"PP_URL is not an address .* write it like http://127\.0\.0\.1:8080"):
        Environment.read({"PP_URL": url})
