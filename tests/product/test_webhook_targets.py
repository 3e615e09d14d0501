"""Whom a webhook may call: addresses by the table, names by what they lead to now, TLS by its certificate."""

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from local.stack import Stack

if TYPE_CHECKING:
    from tests.product.conftest import Ledger
    from tests.product.staff_fixtures import Desk
    from tests.product.webhook_fixtures import Receiver, Webhooks

pytest_plugins = ("tests.product.staff_fixtures", "tests.product.webhook_fixtures")
Receive = Callable[..., "Receiver"]

# IANA's special-purpose registries, with the ways of writing them that resolvers understand.
NOT_PUBLIC = [
    "127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "0.0.0.0", "0.1.2.3", "255.255.255.255", "224.0.0.1", "239.1.1.1",  # noqa: S104
    "240.0.0.1", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1",
    "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
    "::ffff:a9fe:a9fe", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1", "2001:db8::1",
    "2001::1", "100::1", "fec0::1", "3fff::1", "5f00::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111"]
WRITTEN_ODDLY = [
    "http://example.com/", "ftp://example.com/", "//example.com/", "example.com", "https://", "https:///x",
    "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://0x7f.1/",
    "https://127.0.0.1./", "https://localhost/", "https://localhost./", "https://LOCALHOST/",
    "https://[::1]/", "https://[fe80::1%25eth0]/", "https://[::ffff:127.0.0.1]/", "https://[::1/",
    "https://user:secret@example.com/", "https://user@example.com/", "https://example.com:22/",
    "https://example.com:25/", "https://example.com:80/", "https://example.com:0/",
    "https://example.com:99999/", "https://example.com/#part", "https://exam ple.com/",
    "https://example.com/a b", "https://example.com\\@127.0.0.1/", "https://exämple.com/",
    "https://example.com/\r\nX: y", "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/",
    "https://example.com/" + "x" * 2000, "https://example..com/", "https://" + "a" * 64 + ".com/",
    "javascript:alert(1)",
    "gopher://127.0.0.1:6379/_x",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_never_called(parts: Stack, address: str) -> None:
    del parts
    from chalicelib.gateways.webhook_receiver import is_callable  # noqa: PLC0415

    assert not is_callable(ip_address(address), is_local_allowed=False)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called(parts: Stack, address: str) -> None:
    del parts
    from chalicelib.gateways.webhook_receiver import is_callable  # noqa: PLC0415

    assert is_callable(ip_address(address), is_local_allowed=False)


@given(number=st.integers(0, 2**32 - 1))
def test_however_an_ipv4_address_is_wrapped_it_is_not_called(parts: Stack, number: int) -> None:
    """For every IPv4 address: its mapped, compatible, NAT64 and 6to4 forms in IPv6 are refused."""
    del parts
    from chalicelib.gateways.webhook_receiver import is_callable  # noqa: PLC0415

    nat64 = int(ip_address("64:ff9b::")) | number
    for wrapped in (0xFFFF << 32 | number, number, nat64, 0x2002 << 112 | number << 80):
        assert not is_callable(ip_address(wrapped.to_bytes(16)), is_local_allowed=False)
        assert not is_callable(ip_address(wrapped.to_bytes(16)), is_local_allowed=True) or wrapped == 1


@pytest.mark.parametrize("url", WRITTEN_ODDLY)
def test_an_address_written_oddly_or_leading_inside_is_refused_with_a_reason(desk: "Desk", url: str) -> None:
    answer = desk.call("POST", "/admin/webhooks", {"url": url, "events": ["lead.created"]}, role="ADMIN")
    assert (answer.status, answer.json["code"]) == (422, "VALIDATION_ERROR"), url
    (fault,) = answer.json["errors"]
    assert fault["pointer"] == "/url"
    assert len(fault["detail"]) > 10
    assert "secret" not in answer.body


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_inner_address_in_a_url_is_refused(desk: "Desk", address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    url = f"https://{host}/hook"
    answer = desk.call("POST", "/admin/webhooks", {"url": url, "events": ["lead.created"]}, role="ADMIN")
    assert answer.status == 422, url
    assert desk.ledger.rows("SELECT id FROM webhooks") == []


def test_a_name_that_nobody_knows_yet_may_be_written_down(desk: "Desk") -> None:
    for url in ("https://crm.customer.invalid/hook", "https://crm.customer.invalid:8443/a?b=c"):
        answer = desk.call("POST", "/admin/webhooks", {"url": url, "events": ["lead.created"]}, role="ADMIN")
        assert answer.status == 201, answer.body


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the resolver says of some names; the rest it is asked as ever."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *more: Any, **options: Any) -> Any:
        if host not in known:
            return real(host, port, *more, **options)
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port),
            )
            for address in known[host]
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "10.0.0.7"], ["::ffff:10.0.0.7"]])
def test_a_name_that_leads_inside_is_refused_when_it_is_written_down(
    desk: "Desk", names: dict[str, list[str]], addresses: list[str]
) -> None:
    """Also when only one of its addresses does."""
    names["crm.example.com"] = addresses
    wanted = {"url": "https://crm.example.com/", "events": ["lead.created"]}
    assert desk.call("POST", "/admin/webhooks", wanted, role="ADMIN").status == 422
    names["crm.example.com"] = ["8.8.8.8"]
    created = desk.call("POST", "/admin/webhooks", wanted, role="ADMIN")
    assert created.status == 201
    names["other.example.com"] = addresses
    change = {"url": "https://other.example.com/"}
    answer = desk.call("PATCH", "/admin/webhooks/{id}", change, role="ADMIN", id=created.json["id"])
    assert answer.status == 422


def test_a_name_that_leads_inside_later_is_not_called(
    names: dict[str, list[str]], receive: Receive, parts: Stack
) -> None:
    """DNS rebinding: looked at again for each call, and the connection goes to what was looked at."""
    del parts
    from chalicelib.gateways.http import NoAnswer  # noqa: PLC0415
    from chalicelib.gateways.webhook_receiver import check, post  # noqa: PLC0415

    receiver = receive()
    url = f"https://crm.example.com:{receiver.port}/"
    names["crm.example.com"] = ["8.8.8.8"]
    check(url)
    names["crm.example.com"] = ["127.0.0.1"]
    with pytest.raises(NoAnswer, match="not on the public internet") as refused:
        post(url, b"{}", {})
    assert not refused.value.was_sent
    assert receiver.calls == []


def test_the_name_is_resolved_once_for_a_call_and_the_host_is_named(
    names: dict[str, list[str]], receive: Receive, local_targets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del local_targets
    from chalicelib.gateways.webhook_receiver import post  # noqa: PLC0415

    receiver = receive()
    asked: list[Any] = []
    names["crm.example.com"] = ["127.0.0.1"]
    faked = socket.getaddrinfo

    def counting(host: Any, *more: Any, **options: Any) -> Any:
        asked.append(host)
        return faked(host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", counting)
    assert post(f"http://crm.example.com:{receiver.port}/a/b?c=d", b"{}", {}) == 204
    assert asked.count("crm.example.com") == 1
    (heard,) = receiver.calls
    assert (heard.path, heard.headers["host"]) == ("/a/b?c=d", f"crm.example.com:{receiver.port}")


def test_a_resolver_that_is_silent_is_not_waited_for(
    local_targets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del local_targets
    from threading import Event  # noqa: PLC0415

    from chalicelib.gateways import webhook_receiver  # noqa: PLC0415
    from chalicelib.gateways.http import NoAnswer  # noqa: PLC0415

    silence = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: silence.wait(60))
    monkeypatch.setattr(webhook_receiver, "TIMEOUT_S", 0.2)
    with pytest.raises(NoAnswer, match="in time"):
        webhook_receiver.post("http://crm.example.com/", b"{}", {})
    silence.set()


def test_the_network_at_home_is_open_only_where_it_was_asked_for(
    webhooks: "Webhooks", receive: Receive, parts: Stack
) -> None:
    assert webhooks.add(receive().url)["enabled"] is True
    from chalicelib.gateways.webhook_receiver import is_callable  # noqa: PLC0415
    from chalicelib.platform.settings import SettingsError, read  # noqa: PLC0415

    inner = ["169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "fe80::1", "::", "::ffff:127.0.0.1"]  # noqa: S104
    assert [each for each in inner if is_callable(ip_address(each), is_local_allowed=True)] == []
    with pytest.raises(SettingsError, match="WEBHOOK_ALLOW_LOCAL"):
        read({**parts.environment, "STAGE": "prod", "WEBHOOK_ALLOW_LOCAL": "1"})


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for *name*, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return files


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[tuple[int, Path, list[str]]]:
    """A receiver with a certificate for crm.example.com: port, certificate, and whom it was asked for."""
    certificate, key = _certificate(tmp_path, "crm.example.com")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    asked: list[str] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(str(name))
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True) as stream:
                    heard = b""
                    while not heard.endswith(b"{}"):
                        heard += stream.recv(65536)
                    stream.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
            except OSError:
                continue

    Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1], certificate, asked
    listener.close()


def test_tls_is_verified_for_the_hosts_name_though_the_connection_goes_to_an_address(
    names: dict[str, list[str]],
    tls_server: tuple[int, Path, list[str]],
    local_targets: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del local_targets
    from chalicelib.gateways.http import NoAnswer  # noqa: PLC0415
    from chalicelib.gateways.webhook_receiver import _trust, post  # noqa: PLC0415

    port, certificate, asked = tls_server
    _trust.cache_clear()
    names["crm.example.com"] = names["other.example.com"] = ["127.0.0.1"]
    with pytest.raises(NoAnswer, match="TLS") as refused:
        post(f"https://crm.example.com:{port}/", b"{}", {})
    assert not refused.value.was_sent
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    _trust.cache_clear()
    assert post(f"https://crm.example.com:{port}/", b"{}", {}) == 202
    with pytest.raises(NoAnswer, match="TLS"):
        post(f"https://other.example.com:{port}/", b"{}", {})
    assert asked == ["crm.example.com", "crm.example.com", "other.example.com"]
    _trust.cache_clear()


def test_what_is_refused_is_not_stored(desk: "Desk", ledger: "Ledger") -> None:
    for body, pointer in (
        ({"url": "https://crm.customer.invalid/"}, "/events"),
        ({"url": "https://crm.customer.invalid/", "events": []}, "/events"),
        ({"url": "https://crm.customer.invalid/", "events": ["lead.sold"]}, "/events/0"),
        ({"url": "https://crm.customer.invalid/", "events": ["lead.created"] * 2}, "/events"),
        ({"events": ["lead.created"]}, "/url"),
        ({"url": None, "events": ["lead.created"]}, "/url"),
        ({"url": "https://crm.customer.invalid/", "events": ["lead.created"], "secret": "x"}, "/secret"),
    ):
        answer = desk.call("POST", "/admin/webhooks", body, role="ADMIN")
        assert answer.status == 422, body
        assert answer.json["errors"][0]["pointer"] == pointer
    assert ledger.rows("SELECT id FROM webhooks") == []
