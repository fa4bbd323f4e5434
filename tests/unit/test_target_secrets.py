"""Secrets of targets are looked up in a place of their own."""

from pathlib import Path

import pytest
from moto import mock_aws

from personal_pipeline import parts
from personal_pipeline.adapters.aws_clients import AwsClients
from personal_pipeline.domain.errors import UnavailableError


@pytest.fixture(autouse=True)
def _nothing_was_built(monkeypatch: pytest.MonkeyPatch) -> None:
    parts.target_secrets.cache_clear()
    parts.clients.cache_clear()


def test_in_the_cloud_they_are_under_a_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE", "aws")
    monkeypatch.setenv("TARGETS_PREFIX", "personal-pipeline/targets/")
    with mock_aws():
        manager = AwsClients().factory("secretsmanager")()
        manager.create_secret(Name="personal-pipeline/targets/slack-token", SecretString="new\nold\n")
        manager.create_secret(Name="other", SecretString="not for targets")

        assert parts.target_secrets().values("slack-token") == ("new", "old")
        with pytest.raises(UnavailableError, match="secret personal-pipeline/targets/other"):
            parts.target_secrets().values("other")


def test_on_one_machine_they_are_files_of_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STORAGE", "local")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets" / "slack-token").write_text("one\n")
    (tmp_path / "token").write_text("of the operator\n")

    assert parts.target_secrets().values("slack-token") == ("one",)
    with pytest.raises(UnavailableError, match="token"):
        parts.target_secrets().values("token")
