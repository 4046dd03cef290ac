"""The way out: what is refused without a packet, what is cut short, and what comes back."""

from __future__ import annotations

import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.egress import client as egress
from postmortems.egress.client import Egress, Refused, Secret, Unreachable
from postmortems.egress.concurrency import ConcurrencyLimit
from postmortems.errors import Misconfigured
from tests.loopback import Listening, answering, drip, flood, http, listening

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
        answer = Egress(LOOPBACK).request("GET", place.url("/health?full=1"))

    assert (answer.status, answer.body, answer.truncated) == (200, b"hello", False)
    assert answer.headers["x-build"] == "abc"
    assert answer.peer == "127.0.0.1"
    assert answer.tls_days_left is None
    assert place.visits[0].startswith(b"GET /health?full=1 HTTP/1.1\r\n")


def test_a_request_names_the_host_and_asks_for_the_body_as_it_is() -> None:
    with listening(http()) as place:
        Egress(("hub.internal",), resolve=resolving("127.0.0.1")).request(
            "GET", place.url(host="hub.internal")
        )

    asked = place.visits[0].lower()
    assert f"host: hub.internal:{place.port}\r\n".encode() in asked
    assert b"accept-encoding: identity\r\n" in asked


def test_a_redirect_is_an_answer_and_is_not_followed(trap: Listening) -> None:
    with listening(http(b"", "302 Found", f"Location: {trap.url()}")) as place:
        answer = Egress(LOOPBACK).request("GET", place.url())

    assert answer.status == 302
    assert trap.visits == []


def test_a_proxy_in_the_environment_is_not_used(trap: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, trap.url())
    with listening(http(b"direct")) as place:
        assert Egress(LOOPBACK).request("GET", place.url()).body == b"direct"

    assert trap.visits == []


def test_a_flood_is_cut_at_64_kib() -> None:
    with listening(flood) as place:
        answer = Egress(LOOPBACK).request("GET", place.url())

    assert len(answer.body) == 64 * 1024
    assert answer.truncated


def test_a_compressed_body_is_not_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    with listening(http(bomb, "200 OK", "Content-Encoding: gzip")) as place:
        answer = Egress(LOOPBACK).request("GET", place.url())

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
    with listening(drip(head)) as place, pytest.raises(Unreachable, match="cannot be reached"):
        Egress(LOOPBACK).request("GET", place.url(), timeout_s=0.3)


def test_a_server_that_says_nothing_is_unreachable_at_the_deadline() -> None:
    with (
        listening(lambda connection, over: over.wait() and None) as place,
        pytest.raises(Unreachable, match="cannot be reached"),
    ):
        Egress(LOOPBACK).request("GET", place.url(), timeout_s=0.2)


def test_a_closed_port_is_unreachable() -> None:
    with listening(http()) as place:
        pass

    with pytest.raises(Unreachable, match="cannot be reached"):
        Egress(LOOPBACK).request("GET", place.url())


def test_what_is_not_http_is_unreachable() -> None:
    with (
        listening(b"220 mail.example.org ESMTP\r\n") as place,
        pytest.raises(Unreachable, match="cannot be reached"),
    ):
        Egress(LOOPBACK).request("GET", place.url())


def test_a_server_that_hangs_up_is_unreachable() -> None:
    with listening(b"") as place, pytest.raises(Unreachable):
        Egress(LOOPBACK).request("GET", place.url())


# Names.


def test_an_unknown_name_is_unreachable() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    with pytest.raises(Unreachable, match="name is not known"):
        Egress(resolve=unknown).request("GET", "http://nowhere.example.org/")


def test_a_resolver_that_hangs_is_cut_at_the_deadline() -> None:
    released = threading.Event()

    def hang(host: str, port: int) -> list[str]:
        released.wait()
        return []

    with pytest.raises(Unreachable, match="not resolved in time"):
        Egress(resolve=hang).request("GET", "http://slow.example.org/", timeout_s=0.1)
    released.set()


def test_a_name_is_looked_up_once_and_the_checked_address_is_called(trap: Listening) -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["203.0.113.7"] if len(asked) == 1 else ["127.0.0.1"]

    with pytest.raises(Refused):
        Egress(resolve=rebinding).request("GET", trap.url(host="rebind.example.org"))
    assert asked == ["rebind.example.org"]
    assert trap.visits == []


def test_one_bad_address_among_good_ones_refuses_them_all(trap: Listening) -> None:
    both = resolving("93.184.215.14", "127.0.0.1")

    with pytest.raises(Refused, match="cannot be reached"):
        Egress(resolve=both).request("GET", trap.url(host="mixed.example.org"))
    assert trap.visits == []


def test_the_next_checked_address_is_tried_when_the_first_is_closed() -> None:
    with listening(http(b"second")) as place:
        answer = Egress(LOOPBACK, resolve=resolving("::1", "127.0.0.1")).request(
            "GET", place.url(host="hub.internal")
        )

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
        Egress().request("GET", trap.url(host=host), timeout_s=2)

    assert trap.visits == []
    assert isinstance(told.value, Refused) or "name" in str(told.value)


def test_metadata_is_refused_even_when_all_is_allowed() -> None:
    way_out = Egress(("0.0.0.0/0", "::/0", "*"), resolve=resolving("169.254.169.254"))

    with pytest.raises(Refused, match="cannot be reached"):
        way_out.request("GET", "http://metadata.internal/")


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
        Egress(("0.0.0.0/0", "::/0")).request("GET", url)


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
    answer = trusting(certificate).request("GET", tls_server.url(host="hub.internal", scheme="https"))

    assert answer.body == b"secure"
    assert answer.tls_days_left in {29, 30}


@pytest.mark.parametrize("host", ["other.internal", "127.0.0.1"])
def test_a_certificate_for_another_name_is_unreachable(
    host: str, certificate: tuple[Path, Path], tls_server: Listening
) -> None:
    with pytest.raises(Unreachable, match="certificate is not valid"):
        trusting(certificate).request("GET", tls_server.url(host=host, scheme="https"))


def test_a_certificate_from_nobody_known_is_unreachable(tls_server: Listening) -> None:
    with pytest.raises(Unreachable, match="certificate is not valid"):
        Egress(LOOPBACK).request("GET", tls_server.url(scheme="https"))


# The rest of the house.


def test_no_call_is_made_inside_a_unit_of_work(database: str, trap: Listening) -> None:
    with db.reading(), pytest.raises(RuntimeError, match="unit of work"):
        Egress(LOOPBACK).request("GET", trap.url())

    assert trap.visits == []


def test_the_way_out_keeps_the_rules_of_the_environment(
    trap: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused):
        egress.of(Settings.from_env()).request("GET", trap.url())

    monkeypatch.setenv("POSTMORTEMS_EGRESS_ALLOW", "127.0.0.0/8")
    assert egress.of(Settings.from_env()).request("GET", trap.url()).status == 200


# What is read while it comes.


def test_a_large_answer_is_read_piece_by_piece_as_far_as_wanted() -> None:
    with (
        listening(flood) as place,
        Egress(LOOPBACK).opened(place.url(), timeout_s=60) as coming,
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
            place.url("/x"), method="POST", headers={"User-Agent": "git/2"}, content=b"want", timeout_s=60
        ) as coming,
    ):
        assert b"".join(coming.chunks) == b"ok"

    assert place.visits[0].startswith(b"POST /x HTTP/1.1\r\n")
    assert b"User-Agent: git/2\r\n" in place.visits[0]
    assert b"Content-Length: 4\r\n" in place.visits[0]


def test_an_answer_that_breaks_off_says_so_where_it_is_read() -> None:
    with (
        listening(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") as place,
        Egress(LOOPBACK).opened(place.url(), timeout_s=60) as coming,
        pytest.raises(Unreachable),
    ):
        list(coming.chunks)


def test_nothing_is_opened_at_an_address_that_is_not_allowed(trap: Listening) -> None:
    with pytest.raises(Refused), Egress().opened(trap.url(), method="POST", content=b"x", timeout_s=60):
        pass

    assert trap.visits == []


# What a request carries, and what of it comes back.


def test_a_post_carries_its_body_and_headers() -> None:
    with answering(lambda asked: (201, {}, b"taken")) as place:
        answer = Egress(LOOPBACK).request(
            "POST", place.url(), headers={"Content-Type": "application/json", "X-Run": "7"}, body=b'{"a": 1}'
        )

    asked = place.asked[0]
    assert (answer.status, answer.body, answer.rule) == (201, b"taken", "127.0.0.0/8")
    assert (asked.method, asked.body) == ("POST", b'{"a": 1}')
    assert (asked.headers["Content-Length"], asked.headers["X-Run"]) == ("8", "7")


def test_a_secret_is_sent_and_masked_in_what_comes_back() -> None:
    echo = http(b"you sent tok-123456", "200 OK", "X-Echo: Bearer tok-123456")
    with listening(echo) as place:
        secret = Secret("Bearer tok-123456")
        answer = Egress(LOOPBACK).request("GET", place.url(), secret_headers={"Authorization": secret})

    assert b"Authorization: Bearer tok-123456\r\n" in place.visits[0]
    assert (answer.body, answer.headers["x-echo"]) == (b"you sent ***", "***")
    assert "tok-123456" not in f"{secret} {secret!r} {answer}"


@pytest.mark.parametrize(
    "name, value",
    [
        ("X-A", "b\r\nX-Injected: 1"),
        ("X-A", "b\nX-Injected: 1"),
        ("X-A", "b\0"),
        ("X-A", "\u2603"),
        ("X-A", "b" * 4001),
        ("X A", "b"),
        ("X-A:", "b"),
        ("", "b"),
        ("X-A\r\nX-B", "b"),
        ("Host", "metadata.internal"),
        ("host", "metadata.internal"),
        ("Transfer-Encoding", "chunked"),
        ("Content-Length", "0"),
        ("Connection", "keep-alive"),
        ("Expect", "100-continue"),
    ],
)
def test_a_header_that_could_end_or_frame_the_request_is_refused(
    name: str, value: str, trap: Listening
) -> None:
    for sent in ({"headers": {name: value}}, {"secret_headers": {name: Secret(value)}}):
        with pytest.raises(Refused, match="cannot be sent"):
            Egress(LOOPBACK).request("GET", trap.url(), **sent)

    assert trap.visits == []


def test_an_unknown_method_is_refused(trap: Listening) -> None:
    with pytest.raises(Refused, match="no method"):
        Egress(LOOPBACK).request("CONNECT", trap.url())

    assert trap.visits == []


def test_a_caller_with_a_reason_reads_more() -> None:
    with listening(http(b"z" * 200_000)) as place:
        answer = Egress(LOOPBACK).request("GET", place.url(), max_bytes=1024 * 1024)

    assert (len(answer.body), answer.truncated) == (200_000, False)


# Redirects.


def test_redirects_are_followed_only_where_asked_for() -> None:
    with (
        listening(http(b"there")) as there,
        listening(http(b"", "302 Found", f"Location: {there.url('/new')}")) as place,
    ):
        answer = Egress(LOOPBACK).request("GET", place.url(), redirects=1)

    assert (answer.status, answer.body, answer.url) == (200, b"there", there.url("/new"))


def test_a_redirect_too_many_is_the_answer() -> None:
    with listening(http(b"", "302 Found", "Location: /again")) as place:
        answer = Egress(LOOPBACK).request("GET", place.url(), redirects=2)

    assert answer.status == 302
    assert len(place.visits) == 3


def test_the_body_of_a_post_is_sent_to_one_place_only(trap: Listening) -> None:
    with listening(http(b"", "307 Temporary Redirect", f"Location: {trap.url()}")) as place:
        answer = Egress(LOOPBACK).request("POST", place.url(), body=b"secret", redirects=3)

    assert answer.status == 307
    assert trap.visits == []


def test_nothing_secret_follows_a_redirect_to_another_origin() -> None:
    with (
        listening(http(b"there")) as there,
        listening(http(b"", "302 Found", f"Location: {there.url()}")) as place,
    ):
        Egress(LOOPBACK).request(
            "GET",
            place.url(),
            headers={"Accept": "text/plain", "Cookie": "a=b"},
            secret_headers={"Authorization": Secret("Bearer tok-123456")},
            redirects=1,
        )

    assert b"tok-123456" in place.visits[0]
    assert b"Accept: text/plain" in there.visits[0]
    assert b"tok-123456" not in there.visits[0]
    assert b"Cookie" not in there.visits[0]


def test_a_redirect_within_the_origin_keeps_the_secret() -> None:
    with listening(http(b"", "302 Found", "Location: /again")) as place:
        Egress(LOOPBACK).request("GET", place.url(), secret_headers={"X-Key": Secret("abcdef")}, redirects=1)

    assert all(b"X-Key: abcdef" in visit for visit in place.visits)


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "//192.168.0.1/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://ada:pw@127.0.0.1/",
        "http://127.0.0.1:0/",
        "http://[::1",
    ],
)
def test_a_redirect_to_a_denied_address_is_not_followed(location: str) -> None:
    with (
        listening(http(b"", "302 Found", f"Location: {location}")) as place,
        pytest.raises((Refused, Unreachable)),
    ):
        Egress(LOOPBACK).request("GET", place.url(), redirects=3, timeout_s=2)

    assert len(place.visits) == 1


def test_no_redirect_gives_up_encryption(certificate: tuple[Path, Path], trap: Listening) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    moved = http(b"", "302 Found", f"Location: {trap.url()}")
    with (
        listening(moved, tls=context) as place,
        pytest.raises(Unreachable, match="from https to http"),
    ):
        trusting(certificate).request("GET", place.url(host="hub.internal", scheme="https"), redirects=1)

    assert trap.visits == []


# Bare connections, and DNS messages.


def test_a_bare_connection_speaks_and_listens() -> None:
    def greet(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(b"220 ready\r\n")

    with listening(greet) as place, Egress(LOOPBACK).connect("127.0.0.1", place.port) as line:
        line.write(b"EHLO\r\n")
        assert line.read(100) == b"220 ready\r\n"
        assert (line.peer, line.rule, line.days_left) == ("127.0.0.1", "127.0.0.0/8", None)


def test_a_bare_connection_over_tls_knows_its_certificate(
    certificate: tuple[Path, Path], tls_server: Listening
) -> None:
    with trusting(certificate).connect("hub.internal", tls_server.port, tls=True) as line:
        assert line.days_left in {29, 30}


def test_a_bare_connection_is_refused_like_any_other(trap: Listening) -> None:
    with pytest.raises(Refused), Egress().connect("127.0.0.1", trap.port):
        pass

    assert trap.visits == []


def test_a_bare_connection_that_is_silent_ends_at_the_deadline() -> None:
    def ask(port: int) -> bytes:
        with Egress(LOOPBACK).connect("127.0.0.1", port, timeout_s=0.2) as line:
            line.write(b"hello")
            return line.read(1)

    with (
        listening(lambda connection, over: over.wait() and None) as place,
        pytest.raises(Unreachable) as told,
    ):
        ask(place.port)
    assert told.value.detail == "127.0.0.1: no answer within 0.2 s (allowed by 127.0.0.0/8)"


def test_a_datagram_is_answered_and_what_is_no_answer_is_passed_over() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def answer() -> None:
            asked, whom = server.recvfrom(100)
            for text in (b"", b"forged", b"to " + asked):
                server.sendto(text, whom)

        threading.Thread(target=answer, daemon=True).start()
        found = Egress(LOOPBACK).exchange(
            "127.0.0.1",
            server.getsockname()[1],
            b"question",
            lambda text: text.startswith(b"to "),
            timeout_s=60,
        )

    assert found == b"to question"


def test_a_datagram_goes_to_no_denied_address() -> None:
    with pytest.raises(Refused):
        Egress(("0.0.0.0/0",)).exchange("169.254.169.254", 53, b"q", lambda _: True, timeout_s=1)


# The service itself, and too much at once.


@pytest.mark.parametrize("own", ["127.0.0.1", "localhost", "0.0.0.0", "::1", ""])
def test_the_service_itself_is_not_asked_even_when_all_is_allowed(own: str, trap: Listening) -> None:
    way_out = Egress(("0.0.0.0/0", "::/0", "*"), own=[(own, trap.port)])
    for host in ("127.0.0.1", "127.0.0.2", "localhost", "[::ffff:127.0.0.1]"):
        with pytest.raises((Refused, Unreachable)) as told:
            way_out.request("GET", trap.url(host=host))
        assert "service itself" in told.value.detail

    assert trap.visits == []


def test_the_database_and_the_own_address_are_the_services_own(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(
        database_url="postgresql+psycopg://app:pw@127.0.0.1:5499/db",
        url="http://127.0.0.1:8099",
        egress_allow=LOOPBACK,
    )
    for port in (5499, 8099):
        with pytest.raises(Refused) as told:
            egress.of(settings).request("GET", f"http://127.0.0.1:{port}/")
        assert "service itself" in told.value.detail


def test_calls_to_one_host_wait_their_turn_and_no_longer_than_their_deadline() -> None:
    turns = ConcurrencyLimit(at_once=2, per_host=1)
    with turns.take("a", time.monotonic()):
        with pytest.raises(TimeoutError), turns.take("a", time.monotonic()):
            pass
        with turns.take("b", time.monotonic()), pytest.raises(TimeoutError):
            turns.take("c", time.monotonic()).__enter__()
        with turns.take("c", time.monotonic()):
            pass
    with turns.take("a", time.monotonic()):
        pass


def test_certificates_of_the_operators_own_authority_are_trusted(
    certificate: tuple[Path, Path], tls_server: Listening
) -> None:
    way_out = Egress(LOOPBACK, resolve=resolving("127.0.0.1"), ca_file=str(certificate[0]))

    assert way_out.request("GET", tls_server.url(host="hub.internal", scheme="https")).body == b"secure"
    with pytest.raises(Misconfigured, match="CA_FILE"):
        Egress(ca_file="/nowhere.pem").request("GET", "https://example.org/")


def test_what_one_trusts_besides_the_world_no_other_does(certificate: tuple[Path, Path]) -> None:
    known = Egress().trusted().get_ca_certs()

    more = Egress(ca_file=str(certificate[0])).trusted()

    assert len(more.get_ca_certs()) == len(known) + 1
    assert Egress().trusted().get_ca_certs() == known
    assert Egress().trusted() is Egress().trusted() is not more
