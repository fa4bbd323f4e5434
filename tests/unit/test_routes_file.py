"""What is wrong with a routes file is named with what to write instead, and never with a secret."""

from pathlib import Path

import pytest

from personal_pipeline.routes import InvalidRoutesError, load_routes, read_routes

REST = "\nroutes: []\ndefault: []\n"


def problems(text: str) -> list[str]:
    with pytest.raises(InvalidRoutesError) as raised:
        read_routes(text, "routes.yaml")
    lines = str(raised.value).split("\n")
    assert all(line.startswith("routes.yaml: ") for line in lines)
    return [line.removeprefix("routes.yaml: ") for line in lines]


def target(fields: str) -> str:
    return f"targets:\n  - {{name: hook, {fields}}}{REST}"


def route(fields: str) -> str:
    return (
        f"targets: [{{name: all, kind: eventbridge}}]\nroutes:\n  - {{targets: all}}\n  - {{{fields}}}\ndefault: all\n"
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("kind: smoke", "target 1 (hook): kind: is unknown: write one of eventbridge, sns, slack, pagerduty, teams,"),
        ("secret: x", "target 1 (hook): kind: is missing: write one of eventbridge, sns"),
        ("kind: sns", "target 1 (hook): topic_arn: is missing: write the topic's ARN"),
        ("kind: sns, topic_arn: alerts", "target 1 (hook): topic_arn: cannot be taken: write the topic's ARN"),
        (
            "kind: slack, channel: '#ops', secret: x",
            "target 1 (hook): channel: cannot be taken: write the channel's id",
        ),
        ("kind: slack, channel: C012345", "target 1 (hook): secret: is missing: write the name of the secret"),
        ("kind: terminal, chanel: x", "target 1 (hook): chanel: is not known here: write one of name, kind"),
        ("kind: teams, secret: x, secrets: x", "target 1 (hook): secrets: is not known here: write 'secret'"),
        ("kind: pagerduty", "target 1 (hook): needs routing_secret, or secret and from"),
        ("kind: pagerduty, secret: x", "target 1 (hook): needs both secret and from"),
        ("kind: pagerduty, secret: x, from: me", "target 1 (hook): from: cannot be taken: write the e-mail address"),
        (
            "kind: pagerduty, routing_secret: x, base_url: 'http://evil.example'",
            "target 1 (hook): base_url: is not encr",
        ),
        ("kind: webhook, url: nonsense, secret: x", "target 1 (hook): is no address: write one like https://"),
        ("kind: webhook, url: 'ftp://x.example', secret: x", "target 1 (hook): is no address"),
        ("kind: webhook, url: 'http://x.example', secret: x", "target 1 (hook): is not encrypted: write https://"),
        ("kind: webhook, url: 'https://u:p@x.example', secret: x", "target 1 (hook): has a user or a password"),
        ("kind: webhook, url: 'https://x.example/#a', secret: x", "target 1 (hook): has a part after '#'"),
        ("kind: webhook, url: 'https://[::1', secret: x", "target 1 (hook): is no address"),
        (
            "kind: webhook, url: 'https://x.example', secret: x, allow_private: maybe",
            "target 1 (hook): allow_private: c",
        ),
    ],
)
def test_a_field_of_a_target_that_is_wrong_is_named(fields: str, said: str) -> None:
    assert problems(target(fields))[0].startswith(said)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.0.0.1", "192.168.0.1", "169.254.169.254", "localhost", "LOCALHOST", "api.localhost", "[::1]",
        "[::ffff:10.0.0.1]", "metadata.google.internal", "printer.local", "intranet", "0.0.0.0",
    ],
)  # fmt: skip
def test_webhooks_into_a_private_network_are_refused_unless_they_are_meant(host: str) -> None:
    fields = f"kind: webhook, url: 'https://{host}/x', secret: x"

    assert (
        "url leads into a private network: write a public address, or allow_private: true"
        in problems(target(fields))[0]
    )
    (kept,) = read_routes(target(f"{fields}, allow_private: true"), "routes.yaml").targets
    assert kept.options["allow_private"] is True


@pytest.mark.parametrize(
    "secret",
    [
        "whsec_a2tra2tra2tra2tra2tra2tra2tra2tra2s", "xoxb-1234-abcd", "xapp-1-x", "https://hooks.example/T0/B0/x",
        "0123456789abcdef0123456789abcdef", "u+AbCdEfGhIjKlMnOpQr", "Bearer+AbCdEfGhIjKl0123456789",
    ],
)  # fmt: skip
def test_a_secret_in_place_of_its_name_is_refused_without_being_told(secret: str) -> None:
    (said,) = problems(target(f"kind: slack, channel: C0123456789, secret: '{secret}'"))

    assert said == (
        "target 1 (hook): secret: looks like the secret itself: keep that in the store of secrets, and write "
        "its name here"
    )


@pytest.mark.parametrize("secret", ["../token", "a/b", "Slack Token", "-x", ".hidden", "x.", ""])
def test_a_name_of_a_secret_is_no_path(secret: str) -> None:
    (said,) = problems(target(f"kind: slack, channel: C0123456789, secret: '{secret}'"))

    assert "is no name of a secret" in said


@pytest.mark.parametrize("field", ["token", "webhook_url", "password"])
def test_a_field_for_a_secret_is_not_told_with_its_value(field: str) -> None:
    (said,) = problems(target(f"kind: terminal, {field}: hunter2"))

    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("servce: x, targets: all", "route 2: servce: is not known here: write 'service'"),
        ("service: x", "route 2: targets: is missing: write names of targets"),
        ("targets: []", "route 2: targets: cannot be taken: write names of targets"),
        ("targets: al", "route 2: targets: no target is named 'al': write 'all'"),
        ("targets: [all, pager]", "route 2: targets: no target is named 'pager': write one of all"),
        (
            "targets: all, severity: high",
            "route 2: severity: cannot be taken: write critical, warning, info or unknown",
        ),
        ("targets: all, during: {days: [mon]}", "route 2: during.timezone: is missing: write a name as Europe/Berlin"),
        (
            "targets: all, during: {days: funday, timezone: UTC}",
            "route 2: during.days: cannot be taken: write a list of",
        ),
        ("targets: all, during: {timezone: Berlin}", "route 2: during.timezone: 'Berlin' is no timezone: write a name"),
        (
            "targets: all, during: {timezone: ../../etc/passwd}",
            "route 2: during.timezone: '../../etc/passwd' is no time",
        ),
        (
            "targets: all, during: {from: 9:00, timezone: UTC}",
            "route 2: during.from: is no time of day: write it in quo",
        ),
        ("targets: all, during: {to: '24:01', timezone: UTC}", "route 2: during.to: is no time of day"),
        (
            "targets: all, during: {from: 900, timezone: UTC}",
            "route 2: during.from: cannot be taken: write a time in quot",
        ),
        ("targets: all, during: {from: '09:00', to: '09:00', timezone: UTC}", "route 2: during: begins when it ends"),
        ("targets: all, during: 9 to 5", "route 2: during: cannot be taken: write days, from, to and timezone"),
        (
            "targets: all, during: {hours: 3, timezone: UTC}",
            "route 2: during.hours: is not known here: write one of days",
        ),
    ],
)
def test_a_field_of_a_route_that_is_wrong_is_named(fields: str, said: str) -> None:
    assert problems(route(fields))[0].startswith(said)


def test_a_name_that_two_targets_have_is_named() -> None:
    text = f"targets: [{{name: a, kind: terminal}}, {{name: a, kind: eventbridge}}]{REST}"

    assert problems(text) == ["target 2: name: 'a' is the name of an earlier target: write another one"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "write 'targets:', 'routes:' and 'default:' in it"),
        ("- a", "write 'targets:', 'routes:' and 'default:' in it"),
        ("targets: [", "is no YAML that is read here: "),
        ("a: &x 1\nb: *x", "is no YAML that is read here: aliases (*name) are not read"),
        ("targets: 3\ndefault: []", "targets: cannot be taken: write a list of targets"),
        ("targets: []", "default: is missing: write names of targets for alerts that no route takes; [] for none"),
        ("targets: []\ndefault: x", "default: no target is named 'x': there are no targets"),
        ("targets: [3]\ndefault: []", "target 1: "),
        ("targets: []\ndefault: []\nroutes: [3]", "route 1: cannot be taken: see docs/delivery.md"),
        ("target: []\ntargets: []\ndefault: []", "target: is not known here: write 'targets'"),
        ("[" * 50_000, "is no YAML that is read here: "),
        ("x" * 70_000, "is no YAML that is read here: larger than 64 KiB"),
    ],
)
def test_a_file_that_is_none_is_named(text: str, said: str) -> None:
    assert problems(text)[0].startswith(said)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidRoutesError, match=r"nowhere.yaml: cannot be read .*name another file in ROUTES_FILE"):
        load_routes(tmp_path / "nowhere.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidRoutesError, match="it is no UTF-8"):
        load_routes(tmp_path / "latin.yaml")


def test_a_file_that_is_right_keeps_what_its_kinds_need() -> None:
    text = """
targets:
  - {name: bus, kind: eventbridge, bus: ops}
  - {name: topic, kind: sns, topic_arn: "arn:aws:sns:eu-central-1:123456789012:alerts.fifo"}
  - {name: pd, kind: pagerduty, routing_secret: pd-key, secret: pd-rest, from: ops@example.com}
  - {name: hook, kind: webhook, url: "https://hooks.example.com/in?a=b", secret: hook-key}
routes:
  - {targets: [pd], during: [{days: sat, timezone: UTC}, {days: [sun], to: "12:00", timezone: America/New_York}]}
default: [bus]
"""
    routes = read_routes(text, "routes.yaml")

    pd = routes.target("pd")
    assert pd
    assert (pd.text("from"), pd.text("secret"), pd.text("base_url", "else")) == ("ops@example.com", "pd-rest", "else")
    assert [len(one.during) for one in routes.routes] == [2]
    assert routes.target("other") is None
