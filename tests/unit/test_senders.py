"""Each way to prove who sends, held to what vendors publish where they publish something."""

from base64 import b64encode
from urllib.parse import quote

import pytest

from personal_pipeline.domain.senders import (
    SENDERS,
    SHARED,
    Basic,
    Bearer,
    Certificate,
    FormSignature,
    Header,
    Proof,
    Received,
    Sender,
    Signature,
    Token,
)

NOW = 1_795_921_200.0
EVERY: list[Sender] = [
    *SHARED,
    Basic("monitor"),
    Header("X-Secret"),
    Token("key"),
    Signature("X-Sig", "sha256="),
    Signature("X-Sig", timestamp_header="X-Time", separator="."),
    FormSignature(),
    Certificate(("CN=a,O=b",)),
    Certificate(("CN=a,O=b",), "X-Subject"),
    *(way for ways in SENDERS.values() for way in ways),
]
PLAIN = Received(b"a=1&b=%C3%A9", {"content-type": "text/plain"}, {}, "https://x.example.com/v1/alerts/s")


@pytest.mark.parametrize("way", EVERY, ids=repr)
@pytest.mark.parametrize("secret", ["s3cret", "a:b c", "geheim-ü", "x" * 500])
def test_what_is_signed_in_a_way_is_proven_in_it_and_without_it_nothing_is(way: Sender, secret: str) -> None:
    signed = way.signed(PLAIN, secret, NOW)

    assert way.proof(signed, ("newer", secret), NOW)
    assert not way.proof(PLAIN, (secret,), NOW)
    assert not way.proof(PLAIN, ("", secret), NOW)
    if way.needs_secret:
        assert not way.proof(signed, ("another",), NOW)
        assert not way.proof(signed, (), NOW)
        assert not way.proof(way.signed(PLAIN, "", NOW), ("",), NOW)


def test_the_example_of_github_is_proven() -> None:
    """From "Validating webhook deliveries": what a mapped source that signs like GitHub sends."""
    sent = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    received = Received(b"Hello, World!", {"x-hub-signature-256": sent})

    assert Signature("X-Hub-Signature-256", "sha256=").proof(received, ("It's a Secret to Everybody",), NOW)


def test_any_of_the_signatures_in_a_list_passes() -> None:
    (way,) = SENDERS["pagerduty"]
    one = way.signed(PLAIN, "one", NOW).headers["x-pagerduty-signature"]
    two = way.signed(PLAIN, "two", NOW).headers["x-pagerduty-signature"]

    for header in (f"{one},{two}", f"{two},{one}", f"v1=junk, {one}"):
        assert way.proof(Received(PLAIN.body, {"x-pagerduty-signature": header}), ("one",), NOW)
    far = ",".join(["v1=junk"] * 10 + [one])
    assert not way.proof(Received(PLAIN.body, {"x-pagerduty-signature": far}), ("one",), NOW)


@pytest.mark.parametrize(
    ("age", "passes"), [(0, True), (299, True), (300, True), (301, False), (-300, True), (-301, False)]
)
def test_a_time_may_be_off_by_five_minutes(age: int, passes: bool) -> None:
    (way,) = SENDERS["grafana"]
    signed = way.signed(PLAIN, "s", NOW - age)

    assert bool(way.proof(signed, ("s",), NOW)) == passes


def test_a_copy_is_known_by_what_was_signed_and_for_as_long_as_it_could_pass() -> None:
    timed, untimed = Signature("X-Sig", timestamp_header="X-Time"), Signature("X-Sig")
    early, late = (timed.proof(timed.signed(PLAIN, "s", NOW + n), ("s",), NOW) for n in (0, 1))
    first, again = (untimed.proof(untimed.signed(PLAIN, secret, NOW), ("s", "t"), NOW) for secret in "st")

    assert early
    assert late
    assert (early.once != late.once, early.seconds) == (True, 600)
    assert first == again
    assert Signature("X-Sig", remembered_seconds=0).proof(untimed.signed(PLAIN, "s", NOW), ("s",), NOW) == Proof()


@pytest.mark.parametrize(
    "given",
    ["Bearer", "bearer s", "BEARER  s ", "Basic s", "Bearer s s", "s", "Bearer é", "Bearer \ud800", f"Basic {'!' * 8}"],
)
def test_a_bearer_is_that_word_in_any_case_and_the_secret(given: str) -> None:
    proven = Bearer().proof(Received(b"", {"authorization": given}), ("s",), NOW)

    assert bool(proven) == (given.lower().split() == ["bearer", "s"])


@pytest.mark.parametrize(
    ("given", "passes"),
    [("any:s", True), (":s", True), ("any:", False), ("s", False), ("any:s:", False), ("a:b:s", False), ("é:s", True)],
)
def test_the_password_is_the_secret(given: str, passes: bool) -> None:
    header = f"Basic {b64encode(given.encode()).decode()}"

    assert bool(Basic().proof(Received(b"", {"authorization": header}), ("s",), NOW)) == passes


def test_a_password_may_hold_a_colon() -> None:
    header = f"Basic {b64encode(b'user:a:b').decode()}"

    assert Basic("user").proof(Received(b"", {"authorization": header}), ("a:b",), NOW)


def test_a_form_is_signed_as_its_sender_knows_the_address() -> None:
    behind_a_proxy = Received(b"b=2&a=1", {}, {}, "http://internal/v1/alerts/splunk_on_call")
    way = FormSignature(url="https://alerts.example.com/v1/alerts/splunk_on_call")
    as_known = FormSignature().signed(Received(b"a=1&b=2", {}, {}, way.url), "s", NOW)

    arrived = Received(behind_a_proxy.body, as_known.headers, {}, behind_a_proxy.url)

    assert way.proof(arrived, ("s",), NOW)
    assert not FormSignature().proof(arrived, ("s",), NOW)


@pytest.mark.parametrize("body", [b"&" * 500, b"\xff=\xfe", b"%ff=%00", b"a", b"", "é=ü".encode()])
def test_no_form_is_more_than_refused(body: bytes) -> None:
    way = FormSignature()

    way.proof(Received(body, {"x-victorops-signature": "x"}, {}, "https://x/\ud800"), ("s",), NOW)


def test_a_form_of_hundreds_of_fields_is_not_read() -> None:
    body = "&".join(f"f{n}=1" for n in range(201)).encode()

    assert not FormSignature().proof(FormSignature().signed(Received(body), "s", NOW), ("s",), NOW)


def test_a_token_is_written_so_that_it_arrives() -> None:
    signed = Token().signed(Received(b"", url="https://x.example.com/v1/alerts/azure_monitor"), "a&b=c d", NOW)

    assert signed.url.endswith("?token=" + quote("a&b=c d", safe=""))


@pytest.mark.parametrize("subject", ["", "CN=a", "CN=a,O=b,O=c", "O=b,CN=a", "cn=a,o=b", " CN=a,O=b"])
def test_a_certificate_has_the_subject_to_the_letter(subject: str) -> None:
    assert not Certificate(("CN=a,O=b",)).proof(Received(b"", certificate=subject), (), NOW)


def test_a_header_is_no_certificate() -> None:
    received = Received(b"", {"x-subject": "CN=a,O=b"})

    assert not Certificate(("CN=a,O=b",)).proof(received, (), NOW)
    assert Certificate(("CN=a,O=b",), "X-Subject").proof(received, (), NOW)
