"""A file of mappings is refused with its name, the mapping, the field, and what to write instead."""

import re
from pathlib import Path

import pytest

from personal_pipeline.alert_mappings import SHIPPED, InvalidMappingError, alert_sources, load
from personal_pipeline.domain.alert_sources.lookup import AlertSources
from personal_pipeline.domain.errors import InvalidAlertError
from personal_pipeline.settings import AlertMappingSettings
from tests.unit.alert_sources.alert_samples import MAPPING

NEEDED = "  name: a\n  fingerprint: b\n"


def refusal(file: Path) -> str:
    with pytest.raises(InvalidMappingError) as refused:
        load(file)
    return str(refused.value)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("  fingerprint: b\n", "name: is missing: say where it stands, such as `alert.title`"),
        ("  name: a\n", "fingerprint: is missing: say where"),
        (NEEDED + "  titel: a\n", "as a whole: no field 'titel' is known here: there are about, alerts, name,"),
        ("  name: {pth: a}\n  fingerprint: b\n", "name: no field 'pth' is known here: there are path, payload, value"),
        ("  name: {path: a, value: b}\n  fingerprint: b\n", "name: says none or several of path, payload, value"),
        ("  name: {}\n  fingerprint: b\n", "name: says none or several of"),
        ("  name: [a]\n  fingerprint: b\n", "name: is not read as this: write fields and values"),
        (NEEDED + "  service: a..b\n", "service.path: 'a..b' is no JMESPath ("),
        (NEEDED + "  service: my-name\n", """stands in double quotes: labels."my-name\""""),
        (NEEDED + "  service: ''\n", "service.path: '' is no JMESPath"),
        (NEEDED + "  service: shout(a)\n", "service.path: 'shout(a)' calls shout(), which JMESPath does not have"),
        (NEEDED + "  service: items[?nope(@)].a\n", "calls nope(), which JMESPath does not have"),
        (NEEDED + "  service: length(a, b)\n", "calls length() with 2 values, it takes 1"),
        (NEEDED + f"  service: {'a' * 501}\n", "service.path: is longer than 500 characters: shorten it"),
        (NEEDED + f"  service: {'(' * 400}\n", "is no JMESPath"),
        (NEEDED + "  service: {payload: 'a b'}\n", "service.payload: 'a b' is no JMESPath"),
        (NEEDED + "  service: {first: [a, b..c]}\n", "service.first.1.path: 'b..c' is no JMESPath"),
        (NEEDED + "  service: {first: a}\n", "service.first: Input should be a valid list"),
        (NEEDED + "  service: {template: plain}\n", "service.template: has no {path} in it: write `value:`"),
        (NEEDED + "  service: {template: '{a'}\n", "service.template: '{a' has a brace without its other one"),
        (NEEDED + "  service: {template: '{a..b}'}\n", "service.template: 'a..b' is no JMESPath"),
        (NEEDED + f"  service: {{template: '{{a}}{'b' * 500}'}}\n", "service.template: is longer than 500 characters"),
        (NEEDED + "  alerts: '[['\n", "alerts: '[[' is no JMESPath"),
        (
            NEEDED + "  status: {path: a, when: {up: solved}}\n",
            "status.when.up: Input should be 'firing', 'resolved' or",
        ),
        (NEEDED + "  status: {path: a, default: none}\n", "status.default: Input should be 'firing', 'resolved' or"),
        (
            NEEDED + "  severity: {path: a, when: {'1': high}}\n",
            "severity.when.1: Input should be 'critical', 'warning'",
        ),
        (
            NEEDED + "  severity: {value: dire}\n",
            "severity: no severity is called 'dire': write critical, warning, info",
        ),
        (NEEDED + "  starts_at: {path: a, format: epoch}\n", "starts_at.format: 'epoch' has no whole date"),
        (
            NEEDED + "  starts_at: {path: a, format: '%H:%M'}\n",
            "starts_at.format: '%H:%M' has no whole date: write iso",
        ),
        (NEEDED + "  starts_at: {path: a, format: '%Y-%Q'}\n", "starts_at.format: '%Y-%Q'"),
        (NEEDED + "  starts_at: {path: a, format: '%Y %Y'}\n", "starts_at.format: '%Y %Y' is no pattern of strptime"),
        (NEEDED + "  starts_at: {path: a, zone: Nowhere}\n", "starts_at.zone: no time zone 'Nowhere' is known here"),
        (NEEDED + "  starts_at: {path: a, zone: '+99:00'}\n", "starts_at.zone: no time zone '+99:00' is known here"),
        (
            NEEDED + "  labels: {object: a}\n",
            "labels: no field 'object' is known here: there are objects, pairs, named",
        ),
        (NEEDED + "  labels: {objects: [a..b]}\n", "labels.objects: 'a..b' is no JMESPath"),
        (NEEDED + "  labels: {pairs: [{path: a..b}]}\n", "labels.pairs.0.path: 'a..b' is no JMESPath"),
        (NEEDED + "  labels: {named: {x: a..b}}\n", "labels.named.x.path: 'a..b' is no JMESPath"),
        ("  - a\n", "as a whole: is not read as this"),
    ],
)
def test_a_mistake_in_a_mapping_is_named_with_what_to_write(tmp_path: Path, fields: str, said: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(f"wrong:\n{fields}")

    told = refusal(file)

    assert told.startswith(f"alert mappings {file}: mapping 'wrong': ")
    assert said in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "is no YAML that is read here: "),
        ("a: &x {}\nb: *x\n", "aliases (*name) are not read"),
        ("a: {name: b, name: c}\n", "'name' is there twice in line 1"),
        ("same: {name: b}\nsame: {name: c}\n", "'same' is there twice"),
        ("- a\n", "is no list of at most 100 mappings"),
        ("", "is no list of at most 100 mappings"),
        ("\n".join(f"m{number}: {{}}" for number in range(101)), "is no list of at most 100 mappings"),
        (f"Big:\n{NEEDED}", "mapping 'Big': a name is part of a URL: use lower-case letters"),
        (f"a/b:\n{NEEDED}", "mapping 'a/b': a name is part of a URL"),
        (f"alertmanager:\n{NEEDED}", "mapping 'alertmanager': this is a built-in source: choose another name"),
        (f"sentry:\n{NEEDED}", "mapping 'sentry': this is a built-in source"),
        ("[" * 5_000, "is no YAML that is read here"),
        ("#" * 300_000, "is larger than 256 KiB"),
        ("\x00", "is no YAML that is read here"),
    ],
)
def test_a_mistake_in_a_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text)

    assert said in refusal(file)


def test_a_file_that_is_not_there_names_the_variable(tmp_path: Path) -> None:
    assert "cannot be read (No such file or directory): check ALERT_MAPPINGS_FILE" in refusal(tmp_path / "gone.yaml")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(b"\xff\xfe\xfa")

    assert "is no YAML" in refusal(file)


def test_words_of_yaml_stay_the_words_that_a_sender_writes(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        f"mine:\n{NEEDED}  status: {{path: s, when: {{on: resolved, 0: resolved, null: resolved, 1.50: resolved}}}}\n"
    )

    mapping = load(file)["mine"]

    for word in ("on", "ON", 0, "null", "1.50"):
        assert mapping.read({"a": "x", "s": word}).alerts[0].status == "resolved", word


def test_the_shipped_mappings_are_there_without_a_file_of_ones_own() -> None:
    sources = alert_sources(AlertMappingSettings())

    assert {"alertmanager", "elastic", "icinga", "nagios", "sentry", "splunk", "zabbix"} <= set(sources.names)
    assert "beacon" not in sources


def test_a_file_of_ones_own_adds_mappings_and_may_replace_shipped_ones(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("zabbix: {name: {value: mine}, fingerprint: id}\n" + MAPPING.read_text())

    sources = alert_sources(AlertMappingSettings(alert_mappings_file=str(file)))

    assert "beacon" in sources
    assert "nagios" in sources
    assert sources.read("zabbix", {"event_name": "theirs"}).alerts[0].name == "mine"


def test_the_variable_names_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_MAPPINGS_FILE", str(MAPPING))

    assert "beacon" in alert_sources()


def test_only_a_mapping_reads_a_list() -> None:
    sources = AlertSources(load(SHIPPED))

    assert len(sources.read("nagios", [{"host": "a", "check": "b"}]).alerts) == 1
    with pytest.raises(InvalidAlertError, match="sentry: the body is JSON, but no object"):
        sources.read("sentry", [])
    with pytest.raises(InvalidAlertError, match="no alert source 'x': there are alertmanager, "):
        sources.read("x", {})


def test_every_shipped_mapping_says_that_it_was_not_checked_live() -> None:
    abouts = re.findall(r"^  about: (.*)$", SHIPPED.read_text(), re.MULTILINE)

    assert len(abouts) == len(load(SHIPPED)) == 5
    assert all(about.endswith("Not checked against a live sender.") for about in abouts)
