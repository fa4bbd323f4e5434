"""Ways to get an alert in that is not the sender's, each by its name. None where it does not fit the source."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.security.intake import (
    PREFIXES,
    SIGNATURE_HEADERS,
    SIGNED,
    SUBJECT,
    TIME_HEADERS,
    TIMED,
    WAYS,
    Intake,
    Sent,
    proven,
    secrets_of,
    signed,
)

Attack = Callable[[Intake, Sent, Random], Sent | None]
DAY = 86_400
SHARING = ("alertmanager", "generic", "datadog", "azure_monitor")  # the secret itself goes along


def resigned(intake: Intake, sent: Sent, secret: str, now: float | None = None) -> Sent:
    return proven(sent.source, sent.body, secret, intake.now if now is None else now)


def carried(sent: Sent, value: str) -> Sent | None:
    """With something else where the secret or its signature stands."""
    match sent.source:
        case "alertmanager":
            return sent.with_header("authorization", f"Bearer {value}")
        case "generic":
            return sent.with_header(
                "authorization", "Basic " + b64encode(f"monitor:{value}".encode(errors="surrogatepass")).decode()
            )
        case "datadog":
            return sent.with_header("x-webhook-secret", value)
        case "azure_monitor":
            return replace(sent, query=urlencode({"token": value}, errors="surrogatepass"))
        case "icinga":
            return replace(sent, certificate=value)
        case "elastic":
            return sent.with_header("x-client-subject", value)
    return sent.with_header(SIGNATURE_HEADERS[sent.source], value)


def right(sent: Sent) -> str:
    """What stands there."""
    if sent.source in SIGNED:
        return sent.headers[SIGNATURE_HEADERS[sent.source]]
    return SUBJECT if sent.source in ("icinga", "elastic") else secrets_of(sent.source)[0]


# Senders that prove nothing, or something else ──────────────────────────────────────────────────────────────────
def nothing(intake: Intake, sent: Sent, chance: Random) -> Sent:
    return Sent(sent.source, sent.body, {"content-type": "application/json"})


def an_empty_proof(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    return carried(sent, "")


def a_guess(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    return carried(sent, chance.randbytes(32).hex())


def the_secret_of_another_source(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    other = chance.choice([name for name in WAYS if name != sent.source])
    return resigned(intake, sent, secrets_of(other)[0]) if sent.source in (*SIGNED, *SHARING) else None


def the_common_secret(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    """It is for sources without one of their own."""
    return resigned(intake, sent, "common-2fYp") if sent.source in (*SIGNED, *SHARING) else None


def a_secret_that_was_rotated_out(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    return resigned(intake, sent, f"{sent.source}-older-0Qw3") if sent.source in (*SIGNED, *SHARING) else None


def an_empty_secret(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    return resigned(intake, sent, "") if sent.source in (*SIGNED, *SHARING) else None


def another_route(intake: Intake, sent: Sent, chance: Random) -> Sent:
    """What one source proves is worth nothing for another."""
    return replace(sent, source=chance.choice([name for name in WAYS if name != sent.source]))


def a_source_that_is_not_there(intake: Intake, sent: Sent, chance: Random) -> Sent:
    return replace(sent, source=chance.choice(["smoke-signals", "PagerDuty", "..", "pagerduty ", "common"]))


# Proofs that are nearly right ───────────────────────────────────────────────────────────────────────────────────
def only_the_beginning(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    return carried(sent, right(sent)[: chance.randint(1, len(right(sent)) - 1)])


def a_right_beginning_and_a_wrong_end(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    value = right(sent)
    place = chance.randint(len(value) // 2, len(value) - 1)
    return carried(sent, value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :])


def something_after_it(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    # After a comma stands another signature, which does no harm to the right one.
    return carried(
        sent, right(sent) + chance.choice(["x", "0", "\x00", "\u00e9", "=" if sent.source in SIGNED else ",O=E"])
    )


def other_case(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    value = right(sent)
    return carried(sent, value.swapcase()) if value.swapcase() != value else None


def no_ascii(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    return carried(sent, chance.choice(["\u00e9", "v1=\u00ff\u00fe", "\ud800", "\U0001f600", "\u0661" * 64]))


def twice_with_a_comma(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    """What a gateway makes of a parameter or header that came twice, one of them right."""
    if sent.source == "azure_monitor":
        return replace(sent, query=sent.query + "&token=guess")
    return carried(sent, f"guess,{right(sent)}") if sent.source not in SIGNED else None


def the_secret_in_another_place(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    if sent.source not in SHARING:
        return None
    other = chance.choice([name for name in SHARING if name != sent.source])
    moved = proven(other, sent.body, secrets_of(sent.source)[0], intake.now)
    return replace(moved, source=sent.source)


def the_secret_itself(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    """Who must sign does not get in by showing the secret."""
    if sent.source not in SIGNED:
        return None
    secret = secrets_of(sent.source)[0]
    bare = nothing(intake, sent, chance)
    return chance.choice([bare.with_header("authorization", f"Bearer {secret}"), carried(bare, secret) or bare])


def a_header_instead_of_a_certificate(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    if sent.source != "icinga":
        return None
    return nothing(intake, sent, chance).with_header(chance.choice(["x-client-subject", "x-ssl-client-s-dn"]), SUBJECT)


def another_user(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    if sent.source != "generic":
        return None
    secret = secrets_of("generic")[0]
    given = chance.choice([f"root:{secret}", f":{secret}", f"monitor{secret}", f"monitor:x:{secret}", secret])
    return sent.with_header("authorization", "Basic " + b64encode(given.encode()).decode())


# Signatures that belong to something else ───────────────────────────────────────────────────────────────────────
def one_byte_changed(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    if sent.source not in SIGNED:
        return None
    body = bytearray(sent.body)
    body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    return replace(sent, body=bytes(body)) if not _says_the_same(sent, bytes(body)) else None


def _says_the_same(sent: Sent, body: bytes) -> bool:
    """On-Call signs the fields, not the bytes: bytes that read as the same fields are the same form."""
    if sent.source != "splunk_on_call":
        return body == sent.body
    return _fields(body) == _fields(sent.body)


def _fields(body: bytes) -> list[tuple[str, str]]:
    return sorted(parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1"))


def written_anew(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    """The same JSON in other bytes."""
    if sent.source not in SIGNED or sent.source == "splunk_on_call":
        return None
    said = json.loads(sent.body)
    body = chance.choice(
        [
            json.dumps(said, separators=(",", ":")).encode(),
            json.dumps(said, indent=1).encode(),
            sent.body + b" ",
            b"\n" + sent.body,
            json.dumps(dict(reversed(said.items()))).encode(),
        ]
    )
    return replace(sent, body=body)


def another_body(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    other = b"entity_id=x" if sent.source == "splunk_on_call" else b'{"id": "x"}'
    return replace(sent, body=chance.choice([other, b"", sent.body + sent.body])) if sent.source in SIGNED else None


def another_algorithm(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    if sent.source not in SIGNED:
        return None
    digest: Any = chance.choice([hashlib.md5, hashlib.sha512, hashlib.sha224])
    return signed(sent, secrets_of(sent.source)[0], str(int(intake.now)), digest)


def a_hash_without_a_key(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    return carried(sent, hashlib.sha256(sent.body).hexdigest()) if sent.source in SIGNED else None


def another_prefix(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    prefix = PREFIXES.get(sent.source)
    if not prefix:
        return None
    mac = right(sent).removeprefix(prefix)
    return carried(sent, chance.choice(["", "v0=", "sha1=", "V1=", "none="]) + mac)


def many_signatures(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    """A list to search in, with none that is right."""
    if sent.source not in SIGNED:
        return None
    return carried(sent, ",".join(PREFIXES.get(sent.source, "") + chance.randbytes(32).hex() for _ in range(200)))


# Time ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def signed_too_long_ago(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    if sent.source not in TIMED:
        return None
    age = chance.choice([301, 360, 3600, 2 * DAY, int(intake.now)])
    return resigned(intake, sent, secrets_of(sent.source)[0], intake.now - age)


def signed_in_the_future(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    if sent.source not in TIMED:
        return None
    return resigned(intake, sent, secrets_of(sent.source)[0], intake.now + chance.choice([302, 3600, DAY, 10**11]))


def a_newer_date(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    if sent.source not in TIMED:
        return None
    old = resigned(intake, sent, secrets_of(sent.source)[0], intake.now - DAY)
    return old.with_header(TIME_HEADERS[sent.source], str(int(intake.now)))


def no_date(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    return sent.without(TIME_HEADERS[sent.source]) if sent.source in TIMED else None


def a_date_that_is_no_number(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    if sent.source not in TIMED:
        return None
    now = str(int(intake.now))
    odd = [f" {now}", f"+{now}", f"{now}.0", "1_795_921_200", "\u0661" * 10, "", "nan", "-1", "9" * 400, "1e9", "\x00"]
    return signed(sent, secrets_of(sent.source)[0], chance.choice(odd))


def a_border_that_moved(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    """The same text under the signature, cut at another place."""
    if sent.source not in TIMED:
        return None
    timestamp, separator = str(int(intake.now)), "." if sent.source == "nagios" else ":"
    inner = signed(replace(sent, body=f"{timestamp}{separator}".encode() + sent.body), secrets_of(sent.source)[0], "1")
    return replace(inner, body=sent.body).with_header(TIME_HEADERS[sent.source], timestamp)


# Replays: the genuine request was taken before ──────────────────────────────────────────────────────────────────
def at_once(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    return sent if sent.source in SIGNED else None


def from_another_process(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    intake.restart()
    return at_once(intake, sent, chance)


def later(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    if sent.source not in SIGNED:
        return None
    intake.now += chance.choice([1, 299, 360, 2 * DAY])
    intake.restart()
    return sent


def under_the_other_secret(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    """A sender that rotates signs with both; a copy with only one of them is the same request."""
    if sent.source not in SIGNED:
        return None
    timestamp = sent.headers.get(TIME_HEADERS.get(sent.source, ""), "")
    return signed(sent, secrets_of(sent.source)[1], timestamp)


def with_other_signatures_around(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    """The header differs from what was taken, the request does not."""
    if sent.source not in SIGNED or sent.source == "splunk_on_call":
        return None
    junk = PREFIXES.get(sent.source, "") + chance.randbytes(32).hex()
    return carried(sent, chance.choice([f"{junk},{right(sent)}", f"{right(sent)}, {junk}", f" {right(sent)} "]))


def the_same_form_in_another_order(intake: Intake, sent: Sent, chance: Random) -> Sent | None:
    if sent.source != "splunk_on_call":
        return None
    pairs = parse_qsl(sent.body.decode(), keep_blank_values=True)
    chance.shuffle(pairs)
    return replace(sent, body=urlencode(pairs).encode())


REPLAYS: tuple[Attack, ...] = (
    at_once,
    from_another_process,
    later,
    under_the_other_secret,
    with_other_signatures_around,
    the_same_form_in_another_order,
)
ATTACKS: tuple[Attack, ...] = (
    nothing,
    an_empty_proof,
    a_guess,
    the_secret_of_another_source,
    the_common_secret,
    a_secret_that_was_rotated_out,
    an_empty_secret,
    another_route,
    a_source_that_is_not_there,
    only_the_beginning,
    a_right_beginning_and_a_wrong_end,
    something_after_it,
    other_case,
    no_ascii,
    twice_with_a_comma,
    the_secret_in_another_place,
    the_secret_itself,
    a_header_instead_of_a_certificate,
    another_user,
    one_byte_changed,
    written_anew,
    another_body,
    another_algorithm,
    a_hash_without_a_key,
    another_prefix,
    many_signatures,
    signed_too_long_ago,
    signed_in_the_future,
    a_newer_date,
    no_date,
    a_date_that_is_no_number,
    a_border_that_moved,
    *REPLAYS,
)
