"""Groups of callers: what the setting may say, and who gets what by it."""

from hashlib import sha256
from typing import Any

import pytest

from personal_pipeline.domain.callers import Caller, Callers, InvalidCallersError
from personal_pipeline.edge import http
from personal_pipeline.edge.authorizing import authorization
from personal_pipeline.settings import CallerSettings, InvalidSettingsError
from tests.functions.world import http_event

KEY = "0123456789abcdef0123456789abcdef"
HASH = sha256(KEY.encode()).hexdigest()
ROLE = "arn:aws:iam::123456789012:role/oncall"


def test_a_key_has_the_groups_of_its_hash() -> None:
    callers = Callers.parse(f"sha256:{HASH}=sre,platform; sha256:{'0' * 64}=finance")

    assert callers.with_key(KEY) == Caller(f"key {HASH[:12]}", ("sre", "platform"))
    assert callers.with_key(KEY + "0") is None
    assert callers.with_key(HASH) is None, "who has read the setting has no key"


def test_a_short_key_is_none_whatever_the_setting_says() -> None:
    short = "k" * 31

    assert Callers.parse(f"sha256:{sha256(short.encode()).hexdigest()}=sre").with_key(short) is None


@pytest.mark.parametrize(
    ("configured", "signer"),
    [
        (ROLE, "arn:aws:sts::123456789012:assumed-role/oncall/alice"),
        ("arn:aws:iam::123456789012:role/a/path/oncall", "arn:aws:sts::123456789012:assumed-role/oncall/alice"),
        ("arn:aws:sts::123456789012:assumed-role/oncall/bob", "arn:aws:sts::123456789012:assumed-role/oncall/alice"),
        (ROLE, ROLE),
        ("arn:aws:iam::123456789012:user/a/bob", "arn:aws:iam::123456789012:user/a/bob"),
        ("arn:aws-us-gov:iam::123456789012:role/oncall", "arn:aws-us-gov:sts::123456789012:assumed-role/oncall/a"),
    ],
)
def test_a_signer_has_the_groups_of_their_role_or_user(configured: str, signer: str) -> None:
    assert Callers.parse(f"{configured}=sre").groups_of(signer) == ("sre",)


@pytest.mark.parametrize(
    "signer",
    [
        "arn:aws:sts::123456789012:assumed-role/oncall2/alice",
        "arn:aws:sts::999999999999:assumed-role/oncall/alice",
        "arn:aws:sts::123456789012:assumed-role/other/oncall",
        "arn:aws:iam::123456789012:user/oncall",
        "arn:aws:sts::123456789012:federated-user/oncall",
        "arn:aws:iam::123456789012:root",
        "oncall",
        "",
    ],
)
def test_nobody_else_has_them(signer: str) -> None:
    assert Callers.parse(f"{ROLE}=sre").groups_of(signer) == ()


@pytest.mark.parametrize("text", ["", " ", ";", "\n;\n"])
def test_an_empty_setting_knows_nobody(text: str) -> None:
    assert Callers.parse(text) == Callers()


def test_entries_may_stand_on_lines_of_their_own() -> None:
    callers = Callers.parse(f"\n{ROLE}=sre\n sha256:{HASH}=sre,ops;\n")

    assert (len(callers.by_identity), len(callers.by_hash)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{ROLE}", "neither an IAM role"),
        (f"{ROLE}=", "entry 1 names no groups"),
        (f"{ROLE}=a;{ROLE}=,", "entry 2 names no groups"),
        (f"sha256:{HASH[:-1]}=sre", "neither an IAM role"),
        (f"sha256:{HASH.upper()}=sre", "neither an IAM role"),
        (f"{KEY}=sre", "neither an IAM role"),
        ("arn:aws:iam::12:role/oncall=sre", "neither an IAM role"),
        (f"{ROLE}={'a' * 101}", "entry 1 names no groups"),
        (f"{ROLE}={','.join(f'g{n}' for n in range(51))}", "entry 1 names no groups"),
    ],
)
def test_a_wrong_entry_is_refused_by_its_place_and_never_shown(text: str, reason: str) -> None:
    with pytest.raises(InvalidCallersError, match=reason) as refused:
        Callers.parse(text)
    with pytest.raises(InvalidSettingsError, match="CALLER_GROUPS"):
        CallerSettings.from_env({"CALLER_GROUPS": text}).callers  # noqa: B018

    assert KEY not in str(refused.value)


def test_an_authorizer_tells_name_and_groups_and_never_the_key() -> None:
    callers = Callers.parse(f"sha256:{HASH}=sre,ops")

    assert authorization(callers, f"Bearer {KEY}") == {"caller": f"key {HASH[:12]}", "groups": "sre,ops"}
    assert authorization(callers, f"bearer  {KEY} ") is not None
    for header in ("", KEY, f"Basic {KEY}", "Bearer", f"Bearer {KEY}x", "Bearer \udcff"):
        assert authorization(callers, header) is None


def asked(authorizer: dict[str, Any] | None) -> Any:
    event = http_event("GET", "/v1/search", {})
    if authorizer is not None:
        event["requestContext"]["authorizer"] = authorizer
    return http.APIGatewayProxyEventV2(event)


@pytest.fixture
def role_is_known(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CALLER_GROUPS", f"{ROLE}=sre")
    http.callers.cache_clear()
    yield
    http.callers.cache_clear()


@pytest.mark.usefixtures("role_is_known")
@pytest.mark.parametrize(
    ("authorizer", "groups", "name"),
    [
        (None, ("public",), "iam "),
        ({}, ("public",), "iam "),
        ({"jwt": {"claims": {"sub": "a", "groups": "[sre ops]"}}}, ("ops", "public", "sre"), "jwt a"),
        ({"jwt": {"claims": {"sub": "a"}}}, ("public",), "jwt a"),
        ({"iam": {"userArn": "arn:aws:sts::123456789012:assumed-role/oncall/x"}}, ("public", "sre"), None),
        ({"iam": {"userArn": "arn:aws:sts::123456789012:assumed-role/other/x"}}, ("public",), None),
        ({"iam": {"userArn": None}}, ("public",), None),
        ({"lambda": {"caller": "key 0123", "groups": "sre,ops"}}, ("ops", "public", "sre"), "key 0123"),
        ({"lambda": {"caller": "", "groups": "sre"}}, ("public", "sre"), "iam "),
        ({"lambda": None}, ("public",), "iam "),
    ],
)
def test_a_caller_has_the_groups_that_the_gateway_vouches_for(
    authorizer: dict[str, Any] | None, groups: tuple[str, ...], name: str | None
) -> None:
    assert http.caller_scope(asked(authorizer)).groups == groups
    assert name is None or http.caller(asked(authorizer)) == name
