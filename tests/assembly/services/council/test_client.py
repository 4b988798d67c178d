"""Foreign servers are asked within limits, again where it helps, and never at addresses that only we can reach."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from assembly.services.council import addresses
from assembly.services.council import client as asking
from assembly.services.council.client import Client, StatusError
from assembly.services.errors import RuleError
from tests.assembly.services.council.conftest import LOOPBACK
from tests.assembly.services.council.server import Answer, OParl

NAME = "ris.auenfurt.example"


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/system",
        "https://localhost/system",
        "https://10.0.0.7/system",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://[::1]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:a00:1::1]/",
        "https://[64:ff9b:1::a00:1]/",
        "https://[fec0::1]/",
        "https://[::10.0.0.1]/",
        "https://[2001:db8::1]/",
        "https://2130706433/",
        "https://127.1/",
    ],
)
def test_what_is_not_public_is_not_asked(address: str) -> None:
    with pytest.raises(RuleError, match="COUNCIL_NETWORKS"):
        Client().get(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ris",
        "ftp://1.1.1.1/x",
        "file:///etc/passwd",
        "https://",
        "https://a@1.1.1.1/",
        "https://1.1.1.1:x/",
        "//1.1.1.1/",
    ],
)
def test_what_is_no_address_of_the_web_is_refused(address: str) -> None:
    with pytest.raises(RuleError, match="no address"):
        Client().get(address)


def test_http_is_for_this_machine_alone() -> None:
    with pytest.raises(RuleError, match="must be asked by https"):
        Client().get("http://1.1.1.1/system")
    with pytest.raises(RuleError, match="must be asked by https"):
        addresses.target_of("http://10.1.2.3/system", [ipaddress.ip_network("10.0.0.0/8")])


def test_what_the_operator_allows_is_asked_by_https() -> None:
    allowed = [ipaddress.ip_network("10.1.0.0/16")]
    assert addresses.target_of("https://10.1.2.3/system?a=1", allowed).path == "/system?a=1"
    with pytest.raises(RuleError, match="COUNCIL_NETWORKS"):
        addresses.target_of("https://10.2.0.1/system", allowed)


def test_a_name_is_looked_up_once_and_all_of_its_addresses_are_judged(
    one_oparl: OParl, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = one_oparl.address.rpartition(":")[2]
    looked_up: list[str] = []
    found = ["127.0.0.1"]
    real = socket.getaddrinfo

    def look_up(host: str, *more: Any, **others: Any) -> Any:
        if host != "ris.auenfurt.example":
            return real(host, *more, **others)
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)
    assert client.get(f"http://ris.auenfurt.example:{port}/system")["name"] == "Ratsinformation Auental"
    assert looked_up == ["ris.auenfurt.example"]
    assert one_oparl.hosts == [f"ris.auenfurt.example:{port}"]
    found.append("10.0.0.1")
    with pytest.raises(RuleError, match="COUNCIL_NETWORKS"):
        client.get(f"http://ris.auenfurt.example:{port}/system")


def test_each_address_of_a_name_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in ("1.1.1.1", "9.9.9.9")]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_more, **_others: found)
    asked = [addresses.target_of(f"https://{NAME}/", (), turn=turn).address for turn in range(3)]
    assert asked == ["1.1.1.1", "9.9.9.9", "1.1.1.1"]


def test_where_a_server_leads_to_is_judged_too(one_oparl: OParl, client: Client) -> None:
    one_oparl.instead["/away"] = [Answer(302, headers={"Location": "/system"})]
    assert client.get(one_oparl.url("/away"))["id"] == one_oparl.url("/system")
    one_oparl.instead["/away"] = [Answer(302, headers={"Location": "https://169.254.169.254/latest"})]
    with pytest.raises(RuleError, match="COUNCIL_NETWORKS"):
        client.get(one_oparl.url("/away"))
    one_oparl.instead["/away"] = [Answer(302, headers={"Location": "/away"}) for _ in range(9)]
    with pytest.raises(RuleError, match="leads on and on"):
        client.get(one_oparl.url("/away"))


def test_a_short_fault_is_waited_for(one_oparl: OParl, client: Client, waits: list[float]) -> None:
    soon = format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30))
    one_oparl.instead["/system"] = [
        Answer(500),
        Answer(429, headers={"Retry-After": "7"}),
        Answer(503, headers={"Retry-After": soon}),
    ]
    assert client.get(one_oparl.url("/system"))["name"] == "Ratsinformation Auental"
    assert waits[:2] == [1.0, 7.0]
    assert 25 < waits[2] <= 30


def test_a_long_fault_is_not(one_oparl: OParl, client: Client, waits: list[float]) -> None:
    one_oparl.instead["/system"] = [Answer(502, headers={"Retry-After": "soon"}) for _ in range(9)]
    with pytest.raises(StatusError, match="502"):
        client.get(one_oparl.url("/system"))
    assert waits == [1.0, 2.0, 4.0]
    one_oparl.instead["/system"] = [Answer(429, headers={"Retry-After": "3600"})]
    with pytest.raises(StatusError, match="429"):
        client.get(one_oparl.url("/system"))
    assert len(waits) == 3


def test_what_a_server_refuses_is_asked_once(one_oparl: OParl, client: Client, waits: list[float]) -> None:
    with pytest.raises(StatusError, match="404"):
        client.get(one_oparl.url("/nothing"))
    assert (one_oparl.asked, waits) == (["/nothing"], [])


def test_a_slow_server_is_given_up(one_oparl: OParl, client: Client, waits: list[float]) -> None:
    one_oparl.instead["/system"] = [Answer(is_slow=True) for _ in range(asking.TRIES)]
    with pytest.raises(RuleError, match="too slow"):
        client.get(one_oparl.url("/system"))
    assert len(waits) == asking.TRIES - 1


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"a": ', b"\xff\xfe\x00", b"[" * 100_000, b"1" * 5000])
def test_what_is_no_object_is_said(one_oparl: OParl, client: Client, body: bytes) -> None:
    one_oparl.instead["/system"] = [Answer(body=body)]
    with pytest.raises(RuleError, match="no object in JSON"):
        client.get(one_oparl.url("/system"))


def test_too_much_is_not_read(one_oparl: OParl, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST_BYTES", 1000)
    one_oparl.instead["/system"] = [Answer(body=b'{"a": "' + b"x" * 2000 + b'"}')]
    with pytest.raises(RuleError, match="more at once"):
        client.get(one_oparl.url("/system"))


def test_nobody_there(client: Client, waits: list[float]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        with pytest.raises(RuleError, match="cannot be reached"):
            client.get(f"http://127.0.0.1:{port}/")
    assert len(waits) == asking.TRIES - 1
    with pytest.raises(RuleError, match="no server named"):
        client.get("https://ris.invalid/system")


@pytest.mark.parametrize(
    ("name", "is_known", "is_right"), [(NAME, True, True), (NAME, False, False), ("x.example", True, False)]
)
def test_a_certificate_has_to_be_vouched_for_and_to_have_the_name(
    tmp_path: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch, *, name: str, is_known: bool, is_right: bool
) -> None:
    """The name in the address counts, though a numeric address is connected to."""
    path = _certificate(tmp_path)
    if is_known:
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
    real = socket.getaddrinfo
    monkeypatch.setattr(
        addresses.socket,
        "getaddrinfo",
        lambda host, *more, **others: real("127.0.0.1" if host == name else host, *more, **others),
    )
    client = Client([LOOPBACK], pause=waits.append)
    with _served_by_tls(path) as port:
        if is_right:
            assert client.get(f"https://{name}:{port}/") == {"a": 1}
        else:
            with pytest.raises(RuleError, match="certificate"):
                client.get(f"https://{name}:{port}/")
    client.close()
    assert waits == []


@contextlib.contextmanager
def _served_by_tls(certificate: Path) -> Iterator[int]:
    """Answer one visitor; yield the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(10_000)
                secured.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\n{"a": 1}')
            connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(5)


def _certificate(folder: Path) -> Path:
    """Write a certificate that is signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    day, moment = dt.timedelta(days=1), dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), moment - day, moment + day
    )
    for extension in (
        x509.SubjectAlternativeName([x509.DNSName(NAME)]),
        x509.BasicConstraints(ca=True, path_length=None),
        x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
    ):
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    made = builder.sign(key, hashes.SHA256())
    path = folder / "certificate.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
