"""The file of choices: what is right is used, what is wrong stops the start and is named."""

from pathlib import Path

import pytest

from personal_pipeline.domain.senders import (
    SENDERS,
    Basic,
    Bearer,
    Certificate,
    FormSignature,
    Header,
    Signature,
    Token,
)
from personal_pipeline.sender_choices import MAX_FILE_BYTES, InvalidSendersError, senders

SOURCES = {"alertmanager", "grafana", "zabbix"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "senders.yaml"


def test_without_a_file_all_is_as_shipped() -> None:
    assert senders("", SOURCES) == SENDERS


def test_a_source_of_the_file_has_its_ways_only_and_the_others_theirs(file: Path) -> None:
    file.write_text("grafana: { by: bearer }\nzabbix: [{ by: basic, user: z }, { by: header, name: X-Z }]\n")

    chosen = senders(str(file), SOURCES)

    assert chosen["grafana"] == (Bearer(),)
    assert chosen["zabbix"] == (Basic("z"), Header("X-Z"))
    assert chosen["pagerduty"] == SENDERS["pagerduty"]


@pytest.mark.parametrize(
    ("written", "way"),
    [
        ("{ by: token, parameter: key }", Token("key")),
        (
            "{ by: hmac, header: X-S, timestamp_header: X-T }",
            Signature("X-S", timestamp_header="X-T", remembered_seconds=0),
        ),
        (
            "{ by: hmac, header: X-S, prefix: 'v1=', remembered_seconds: 60 }",
            Signature("X-S", "v1=", remembered_seconds=60),
        ),
        ("{ by: form_hmac, url: 'https://a.example.com/x' }", FormSignature(url="https://a.example.com/x")),
        ("{ by: certificate, subjects: [CN=a, CN=b] }", Certificate(("CN=a", "CN=b"))),
        ("{ by: certificate, subjects: [CN=a], header: X-C }", Certificate(("CN=a",), "X-C")),
    ],
)
def test_every_way_can_be_chosen(file: Path, written: str, way: object) -> None:
    file.write_text(f"zabbix: {written}\n")

    assert senders(str(file), SOURCES)["zabbix"] == (way,)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("zabbix: { by: magic }", "zabbix.0: Input tag 'magic'"),
        ("zabbix: {}", "zabbix.0: Unable to extract tag"),
        ("zabbix: bearer", "zabbix: Input should be a valid list"),
        ("zabbix: []", "zabbix: List should have at least 1 item"),
        ("zabbix: { by: header }", "zabbix.0.header.name: Field required"),
        ("zabbix: { by: header, name: 'X Y' }", "zabbix.0.header.name: String should match"),
        ("zabbix: { by: bearer, secret: s3cret }", "zabbix.0.bearer.secret: Extra inputs are not permitted"),
        ("zabbix: { by: basic, user: 7 }", "zabbix.0.basic.user: Input should be a valid string"),
        ("zabbix: { by: hmac, header: X-S }", "give timestamp_header, or remembered_seconds"),
        ("zabbix: { by: hmac, header: X-S, timestamp_header: X-T, separator: '' }", "zabbix.0.hmac.separator"),
        ("zabbix: { by: hmac, header: X-S, timestamp_header: X-T, separator: '1' }", "zabbix.0.hmac.separator"),
        (
            "zabbix: { by: hmac, header: X-S, timestamp_header: X-T, remembered_seconds: 1 }",
            "give timestamp_header, or",
        ),
        ("zabbix: { by: certificate, subjects: [] }", "zabbix.0.certificate.subjects: List should have at least 1"),
        ("zabbix: { by: form_hmac, url: x }", "zabbix.0.form_hmac.url"),
        ("nagios: { by: bearer }", "nagios: there is no such alert source"),
        ("- zabbix", "is no mapping"),
        ("", "is no mapping"),
        ("zabbix: { by: bearer", "is no YAML"),
        ("[" * 5000, "is no YAML"),
        ("#" * (MAX_FILE_BYTES + 1), "is larger than 64 KiB"),
    ],
)
def test_a_mistake_is_named(file: Path, written: str, said: str) -> None:
    file.write_text(written)

    with pytest.raises(InvalidSendersError) as error:
        senders(str(file), SOURCES)
    assert said in str(error.value)
    assert str(error.value).startswith(f"{file}: ")


def test_a_file_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(InvalidSendersError, match="check SENDERS_FILE"):
        senders(str(file), SOURCES)
