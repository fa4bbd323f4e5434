"""Requests of ours go where they may, once, and wait for nobody for long."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from personal_pipeline.adapters.targets.http_client import HttpClient, retry_after
from personal_pipeline.domain.addresses import is_public
from personal_pipeline.domain.errors import TargetUnavailableError
from tests.contract.chat_server import ChatServer, chat_server
from tests.integration.fault_server import Answer, a_fault_server


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server() as server:
        yield server


def resolving(*addresses: str) -> Any:
    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "169.254.170.2",
        "0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1",
        "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::", "2001:db8::1", "not an", "",
    ],
)  # fmt: skip
def test_addresses_that_are_not_of_the_public_internet_are_refused(address: str) -> None:
    assert not is_public(address)
    client = HttpClient("hook", allow_private=False, resolve=resolving("93.184.215.14", address))

    with pytest.raises(TargetUnavailableError, match=r"target hook: evil.example leads to .*allow_private: true"):
        client.post("https://evil.example/x", b"", {})


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"])
def test_addresses_of_the_public_internet_are_taken(address: str) -> None:
    assert is_public(address)


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere at the second look is looked up once only."""
    connected: list[str] = []

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        connected.append(address[0])
        raise OSError("not in a test")

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    client = HttpClient("hook", allow_private=False, resolve=resolving("93.184.215.14"))

    for scheme in ("https", "http"):
        with pytest.raises(TargetUnavailableError, match=r"hooks.example does not answer"):
            client.post(f"{scheme}://hooks.example/x", b"", {})

    assert connected == ["93.184.215.14"] * 2


def test_a_name_without_an_address_is_named() -> None:
    def resolve(*_: Any, **__: Any) -> Any:
        raise socket.gaierror("no such name")

    with pytest.raises(TargetUnavailableError, match=r"nowhere.example has no address"):
        HttpClient("hook", allow_private=False, resolve=resolve).post("https://nowhere.example", b"", {})


def test_the_host_is_said_as_the_address_has_it(server: ChatServer) -> None:
    HttpClient("hook").post(f"{server.url}/path?a=b", b"{}", {"X-One": "1"})

    (request,) = server.requests
    assert request.path == "/path?a=b"
    assert request.headers["host"] == server.url.removeprefix("http://")
    assert request.headers["x-one"] == "1"


def test_connections_are_kept(server: ChatServer) -> None:
    client = HttpClient("hook")

    for _ in range(3):
        assert client.post(server.url, b"{}", {}).status == 200

    assert client._pools.keys() == {("http", "127.0.0.1", int(server.url.rpartition(":")[2]), "127.0.0.1")}
    assert next(iter(client._pools.values())).num_connections == 1


def test_an_endless_answer_is_cut(server: ChatServer) -> None:
    server.answers.append((200, {}, b"x" * 1_000_000))
    client = HttpClient("hook")

    assert len(client.post(server.url, b"", {}).body) == 64 * 1024
    assert client.post(server.url, b"", {}).status == 200


def test_an_answer_that_never_ends_is_given_up() -> None:
    with a_fault_server() as server:
        server.answer = Answer(body=b"x", missing_bytes=10)
        began = time.monotonic()
        with pytest.raises(TargetUnavailableError, match="timeout"):
            HttpClient("hook", read_seconds=0.2).post(server.url, b"", {})
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("17", 17), ("0", 0), ("-5", 0), ("1.5", 1.5), ("99999", 900), ("nan", 0), ("inf", 900), ("", 0), ("soon", 0),
        ("Thu, 01 Jan 1970 00:02:00 GMT", 20), ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Fri, 99 Foo 2026", 0),
    ],
)  # fmt: skip
def test_retry_after_is_a_number_or_a_date(header: str, seconds: float) -> None:
    assert retry_after(header, now=100.0) == seconds


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a server with a certificate for hooks.example, which this process trusts."""
    key, certificate = a_certificate("hooks.example")
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "cert.pem").write_bytes(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # handshakes that the client ends
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def a_certificate(name: str) -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return plain, certificate.public_bytes(pem)


def to_this_machine(monkeypatch: pytest.MonkeyPatch) -> HttpClient:
    """A guarded client, for which this machine is the public internet."""
    monkeypatch.setattr("personal_pipeline.adapters.targets.http_client.is_public", lambda _: True)
    return HttpClient("hook", allow_private=False, resolve=resolving("127.0.0.1"))


def test_the_certificate_is_asked_for_by_name_at_the_address_that_was_checked(
    tls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert to_this_machine(monkeypatch).post(f"https://hooks.example:{tls}/x", b"{}", {}).status == 200


def test_a_certificate_for_another_name_is_refused(tls: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TargetUnavailableError, match="TLS certificate is not valid"):
        to_this_machine(monkeypatch).post(f"https://other.example:{tls}/x", b"{}", {})


def test_a_certificate_that_nobody_vouches_for_is_refused(tls: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(TargetUnavailableError, match="TLS certificate is not valid"):
        to_this_machine(monkeypatch).post(f"https://hooks.example:{tls}/x", b"{}", {})
