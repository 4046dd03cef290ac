"""The way out: what is refused without a packet, what is cut short, and what comes back."""

from __future__ import annotations

import gzip
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from postmortems import db, egress
from postmortems.egress import Egress, Refused, Unreachable
from tests.loopback import Listening, drip, flood, http, listening

LOOPBACK = ("127.0.0.0/8", "::1/128")


@pytest.fixture
def trap() -> Iterator[Listening]:
    """A server that nobody may reach."""
    with listening(http(b"secret")) as place:
        yield place


def resolving(*addresses: str):
    """A resolver that answers these for every name."""
    return lambda host, port: list(addresses)


# What comes back.


def test_an_allowed_server_answers() -> None:
    with listening(http(b"hello", "200 OK", "X-Build: abc")) as place:
        answer = Egress(LOOPBACK).get(place.url("/health?full=1"))

    assert (answer.status, answer.body, answer.truncated) == (200, b"hello", False)
    assert answer.headers["x-build"] == "abc"
    assert answer.peer == "127.0.0.1"
    assert answer.tls_days_left is None
    assert place.visits[0].startswith(b"GET /health?full=1 HTTP/1.1\r\n")


def test_a_request_names_the_host_and_asks_for_the_body_as_it_is() -> None:
    with listening(http()) as place:
        Egress(("hub.internal",), resolve=resolving("127.0.0.1")).get(place.url(host="hub.internal"))

    asked = place.visits[0].lower()
    assert f"host: hub.internal:{place.port}\r\n".encode() in asked
    assert b"accept-encoding: identity\r\n" in asked


def test_a_redirect_is_an_answer_and_is_not_followed(trap: Listening) -> None:
    with listening(http(b"", "302 Found", f"Location: {trap.url()}")) as place:
        answer = Egress(LOOPBACK).get(place.url())

    assert answer.status == 302
    assert trap.visits == []


def test_a_proxy_in_the_environment_is_not_used(trap: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, trap.url())
    with listening(http(b"direct")) as place:
        assert Egress(LOOPBACK).get(place.url()).body == b"direct"

    assert trap.visits == []


def test_a_flood_is_cut_at_64_kib() -> None:
    with listening(flood) as place:
        answer = Egress(LOOPBACK).get(place.url())

    assert len(answer.body) == 64 * 1024
    assert answer.truncated


def test_a_compressed_body_is_not_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    with listening(http(bomb, "200 OK", "Content-Encoding: gzip")) as place:
        answer = Egress(LOOPBACK).get(place.url())

    assert answer.body == bomb[: 64 * 1024]


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"", id="never a status line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Slow: ", id="a header by the byte"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", id="a body by the byte"),
    ],
)
def test_a_server_that_drips_is_unreachable_at_the_deadline(head: bytes) -> None:
    with listening(drip(head)) as place, pytest.raises(Unreachable, match=r"0\.3 s|not speak"):
        Egress(LOOPBACK).get(place.url(), timeout_s=0.3)


def test_a_server_that_says_nothing_is_unreachable_at_the_deadline() -> None:
    with (
        listening(lambda connection, over: over.wait() and None) as place,
        pytest.raises(Unreachable, match=r"no answer within 0\.2 s"),
    ):
        Egress(LOOPBACK).get(place.url(), timeout_s=0.2)


def test_a_closed_port_is_unreachable() -> None:
    with listening(http()) as place:
        pass

    with pytest.raises(Unreachable, match="connection refused"):
        Egress(LOOPBACK).get(place.url())


def test_what_is_not_http_is_unreachable() -> None:
    with (
        listening(b"220 mail.example.org ESMTP\r\n") as place,
        pytest.raises(Unreachable, match="not speak HTTP"),
    ):
        Egress(LOOPBACK).get(place.url())


def test_a_server_that_hangs_up_is_unreachable() -> None:
    with listening(b"") as place, pytest.raises(Unreachable):
        Egress(LOOPBACK).get(place.url())


# Names.


def test_an_unknown_name_is_unreachable() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    with pytest.raises(Unreachable, match="name is not known"):
        Egress(resolve=unknown).get("http://nowhere.example.org/")


def test_a_resolver_that_hangs_is_cut_at_the_deadline() -> None:
    released = threading.Event()

    def hang(host: str, port: int) -> list[str]:
        released.wait()
        return []

    with pytest.raises(Unreachable, match="not resolved in time"):
        Egress(resolve=hang).get("http://slow.example.org/", timeout_s=0.1)
    released.set()


def test_a_name_is_looked_up_once_and_the_checked_address_is_called(trap: Listening) -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["203.0.113.7"] if len(asked) == 1 else ["127.0.0.1"]

    with pytest.raises(Refused):
        Egress(resolve=rebinding).get(trap.url(host="rebind.example.org"))
    assert asked == ["rebind.example.org"]
    assert trap.visits == []


def test_one_bad_address_among_good_ones_refuses_them_all(trap: Listening) -> None:
    both = resolving("93.184.215.14", "127.0.0.1")

    with pytest.raises(Refused, match="not public"):
        Egress(resolve=both).get(trap.url(host="mixed.example.org"))
    assert trap.visits == []


def test_the_next_checked_address_is_tried_when_the_first_is_closed() -> None:
    with listening(http(b"second")) as place:
        answer = Egress(LOOPBACK, resolve=resolving("::1", "127.0.0.1")).get(place.url(host="hub.internal"))

    assert (answer.body, answer.peer) == (b"second", "127.0.0.1")


# What is refused without a packet.


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "0.0.0.0",
        "[::]",
    ],
)
def test_no_notation_of_loopback_is_public(host: str, trap: Listening) -> None:
    with pytest.raises((Refused, Unreachable)) as told:
        Egress().get(trap.url(host=host), timeout_s=2)

    assert trap.visits == []
    assert isinstance(told.value, Refused) or "name" in str(told.value)


def test_metadata_is_refused_even_when_all_is_allowed() -> None:
    way_out = Egress(("0.0.0.0/0", "::/0", "*"), resolve=resolving("169.254.169.254"))

    with pytest.raises(Refused, match="never allowed"):
        way_out.get("http://metadata.internal/")


@pytest.mark.parametrize(
    "url, told",
    [
        ("ftp://example.org/", "http and https"),
        ("file:///etc/passwd", "http and https"),
        ("gopher://example.org/", "http and https"),
        ("unix:///run/app.sock", "http and https"),
        ("//example.org/", "http and https"),
        ("example.org", "http and https"),
        ("", "http and https"),
        ("http://", "no host"),
        ("http:///path", "no host"),
        ("http://ada:secret@example.org/", "name or password"),
        ("http://ada@example.org/", "name or password"),
        ("http://[::1", "not an address"),
        ("http://example.org:99999/", "no such port"),
        ("http://example.org:0/", "no such port"),
        ("http://example.org\x00.internal/", "not an address"),
        ("http://example.org/\r\nX-Injected: 1", "not an address"),
        ("http://exa mple.org/", "not an address"),
    ],
)
def test_other_addresses_are_refused(url: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        Egress(("0.0.0.0/0", "::/0")).get(url)


# TLS.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for hub.internal, signed by itself, good for 30 days, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command")
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", str(key), "-out", str(made), "-days", "30", "-subj", "/CN=hub.internal",
         "-addext", "subjectAltName=DNS:hub.internal"],
        check=True, capture_output=True,
    )  # fmt: skip
    return made, key


@pytest.fixture
def tls_server(certificate: tuple[Path, Path]) -> Iterator[Listening]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with listening(http(b"secure"), tls=context) as place:
        yield place


def trusting(certificate: tuple[Path, Path]) -> Egress:
    context = ssl.create_default_context(cafile=str(certificate[0]))
    return Egress(LOOPBACK, resolve=resolving("127.0.0.1"), tls=context)


def test_a_certificate_for_the_right_name_is_taken_and_its_days_are_counted(
    certificate: tuple[Path, Path], tls_server: Listening
) -> None:
    answer = trusting(certificate).get(tls_server.url(host="hub.internal", scheme="https"))

    assert answer.body == b"secure"
    assert answer.tls_days_left in {29, 30}


@pytest.mark.parametrize("host", ["other.internal", "127.0.0.1"])
def test_a_certificate_for_another_name_is_unreachable(
    host: str, certificate: tuple[Path, Path], tls_server: Listening
) -> None:
    with pytest.raises(Unreachable, match="certificate is not valid"):
        trusting(certificate).get(tls_server.url(host=host, scheme="https"))


def test_a_certificate_from_nobody_known_is_unreachable(tls_server: Listening) -> None:
    with pytest.raises(Unreachable, match="certificate is not valid"):
        Egress(LOOPBACK).get(tls_server.url(scheme="https"))


# The rest of the house.


def test_no_call_is_made_inside_a_unit_of_work(database: str, trap: Listening) -> None:
    with db.reading(), pytest.raises(RuntimeError, match="unit of work"):
        Egress(LOOPBACK).get(trap.url())

    assert trap.visits == []


def test_the_way_out_keeps_the_rules_of_the_environment(
    trap: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(egress, "_configured", None)
    with pytest.raises(Refused):
        egress.current().get(trap.url())

    monkeypatch.setenv("POSTMORTEMS_EGRESS_ALLOW", "127.0.0.0/8")
    assert egress.current().get(trap.url()).status == 200


def test_the_way_out_can_be_configured(trap: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(egress, "_configured", None)
    egress.configure(LOOPBACK)

    assert egress.current().get(trap.url()).status == 200


# What is read while it comes.


def test_a_large_answer_is_read_piece_by_piece_as_far_as_wanted() -> None:
    with (
        listening(flood) as place,
        Egress(LOOPBACK).opened(place.url(), timeout_s=5) as coming,
    ):
        size = 0
        for chunk in coming.chunks:
            size += len(chunk)
            if size > 1024 * 1024:
                break

    assert coming.status == 200
    assert size > 1024 * 1024


def test_what_is_sent_goes_with_its_own_headers() -> None:
    with (
        listening(http(b"ok")) as place,
        Egress(LOOPBACK).opened(
            place.url("/x"), method="POST", headers={"User-Agent": "git/2"}, content=b"want", timeout_s=5
        ) as coming,
    ):
        assert b"".join(coming.chunks) == b"ok"

    assert place.visits[0].startswith(b"POST /x HTTP/1.1\r\n")
    assert b"User-Agent: git/2\r\n" in place.visits[0]
    assert b"Content-Length: 4\r\n" in place.visits[0]


def test_an_answer_that_breaks_off_says_so_where_it_is_read() -> None:
    with (
        listening(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") as place,
        Egress(LOOPBACK).opened(place.url(), timeout_s=5) as coming,
        pytest.raises(Unreachable),
    ):
        list(coming.chunks)


def test_nothing_is_opened_at_an_address_that_is_not_allowed(trap: Listening) -> None:
    with pytest.raises(Refused), Egress().opened(trap.url(), method="POST", content=b"x", timeout_s=5):
        pass

    assert trap.visits == []
