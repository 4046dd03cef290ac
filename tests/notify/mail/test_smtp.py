"""SMTP against a real server on loopback, and against those that stall, break off and refuse."""

from __future__ import annotations

import socket
import ssl
import threading
from dataclasses import replace

import pytest

from postmortems import mail_addresses
from postmortems.mail_addresses import MailServer
from postmortems.notify.mail import smtp
from postmortems.notify.mail.replies import Reply
from tests.authority import Authority
from tests.loopback import Conversation, drip
from tests.notify.mail.sink import Sink, sink
from tests.notify.mail.talkers import smtp_like

CONTENT = b"Subject: x\r\n\r\n.\r\nFrom here on\r\n..two\r\n"
LOGIN = ("ada@example.org", "a long enough password")


def trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority.certificate))


def handed_in(server: MailServer, tls: ssl.SSLContext | None = None, timeout_s: float = 20.0) -> Reply:
    return smtp.hand_in(
        server,
        "pm@example.org",
        "ada@example.org",
        CONTENT,
        greeting="postmortems.example.org",
        tls=tls or ssl.create_default_context(),
        timeout_s=timeout_s,
    )


def at(found: Sink, tls: str = "", login: tuple[str, str] = ("", "")) -> MailServer:
    return MailServer("localhost", found.port, tls, *login)


def test_a_message_arrives_as_it_was_made() -> None:
    with sink() as found:
        assert handed_in(at(found)) == Reply("taken", 250)

    (came,) = found.came
    assert (came.sender, came.recipients) == ("pm@example.org", ["ada@example.org"])
    assert came.content == CONTENT


def test_with_starttls_everything_behind_the_greeting_is_encrypted(authority: Authority) -> None:
    with sink(starttls=authority.server("localhost"), login=LOGIN) as found:
        reply = handed_in(at(found, "starttls", LOGIN), trusting(authority))

    assert reply.by == "taken"
    assert (found.came[0].was_encrypted, found.came[0].signed_in) == (True, True)


def test_with_smtps_it_is_from_the_first_byte(authority: Authority) -> None:
    with sink(tls=authority.server("localhost")) as found:
        assert handed_in(at(found, "tls"), trusting(authority)).by == "taken"


def test_without_starttls_where_it_was_asked_for_nothing_is_sent() -> None:
    with sink() as found:
        reply = handed_in(at(found, "starttls"))

    assert reply.by == "server"
    assert "STARTTLS" in reply.said
    assert found.came == []


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize(
    "host, is_own, days", [("localhost", True, 30), ("elsewhere", False, 30), ("localhost", False, -2)]
)
def test_a_certificate_that_is_not_trusted_ends_it(
    authority: Authority, tls: str, host: str, is_own: bool, days: float
) -> None:
    wrong = authority.server(host, days, is_own=is_own)
    with sink(**{tls: wrong}) as found:  # type: ignore[arg-type]
        reply = handed_in(at(found, tls), trusting(authority))

    assert (reply.by, found.came) == ("server", [])
    assert "CERTIFICATE_VERIFY_FAILED" in reply.said


def test_a_wrong_password_is_the_servers_matter_and_not_repeated(authority: Authority) -> None:
    with sink(starttls=authority.server("localhost"), login=LOGIN) as found:
        reply = handed_in(at(found, "starttls", ("ada@example.org", "hunter2")), trusting(authority))

    assert (reply.by, reply.code) == ("server", 535)
    assert "hunter2" not in reply.said


@pytest.mark.parametrize(
    "recipient, content, by, code",
    [
        ("550 5.1.1 unknown", "250 OK", "recipient", 550),
        ("451 4.7.1 greylisted", "250 OK", "recipient", 451),
        ("250 OK", "554 5.7.1 looks like spam", "content", 554),
        ("250 OK", "452 4.3.1 disk full", "content", 452),
    ],
)
def test_a_refusal_says_by_whom(recipient: str, content: str, by: str, code: int) -> None:
    with sink() as found:
        found.recipients, found.contents = [recipient], [content]
        reply = handed_in(at(found))

    assert (reply.by, reply.code) == (by, code)
    assert (recipient if by == "recipient" else content)[4:] in reply.said


def test_a_domain_in_other_letters_reaches_a_server_without_smtputf8() -> None:
    with sink() as found:
        reply = smtp.hand_in(
            at(found),
            "pm@example.org",
            mail_addresses.checked("ada@exämple.org"),
            CONTENT,
            greeting="127.0.0.1",
            tls=ssl.create_default_context(),
        )

    assert reply.by == "taken"
    assert found.came[0].recipients == ["ada@xn--exmple-cua.org"]


def stall(_connection: socket.socket, over: threading.Event) -> None:
    """Accept, and say nothing."""
    over.wait()


def talking(upto: bytes) -> Conversation:
    """Answer every line well until one that begins so, then half-close: no more is said."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(b"220 hello\r\n")
        file, in_data = connection.makefile("rb"), False
        for line in file:
            if in_data and line != b".\r\n":
                continue
            if line.upper().startswith(upto):
                connection.shutdown(socket.SHUT_WR)
                over.wait(1)
                return
            in_data = line.upper().startswith(b"DATA")
            connection.sendall(b"354 go on\r\n" if in_data else b"250 OK\r\n")

    return talk


@pytest.mark.parametrize(
    "step, by",
    [
        (b"EHLO", "server"),
        (b"MAIL", "content"),
        (b"RCPT", "content"),
        (b"DATA", "content"),
        (b".\r\n", "content"),
    ],
)
def test_a_server_that_half_closes_is_to_blame_until_it_lets_us_in(step: bytes, by: str) -> None:
    """Behind the last dot nobody knows whether it was taken: it is sent again, under the same Message-ID."""
    with smtp_like(talking(step)) as port:
        reply = handed_in(MailServer("127.0.0.1", port))

    assert (reply.by, reply.code) == (by, 0)


@pytest.mark.parametrize(
    "said, by",
    [
        ("552 5.3.4 message size exceeds fixed limit", "content"),
        ("550 5.7.1 you may not send as that", "server"),
        ("530 5.7.0 sign in first", "server"),
        ("421 4.7.0 too many messages", "server"),
    ],
)
def test_a_message_that_is_too_large_is_no_fault_of_the_server(said: str, by: str) -> None:
    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(b"220 hello\r\n")
        for line in connection.makefile("rb"):
            answer = said if line.upper().startswith(b"MAIL") else "250 OK"
            connection.sendall(f"{answer}\r\n".encode())

    with smtp_like(talk) as port:
        reply = handed_in(MailServer("127.0.0.1", port))

    assert (reply.by, reply.code) == (by, int(said[:3]))


@pytest.mark.parametrize("talk", [stall, drip(b"220-wait\r\n220-"), drip(b"")])
def test_a_server_that_stalls_or_drips_is_left_at_the_deadline(talk: Conversation) -> None:
    with smtp_like(talk) as port:
        reply = handed_in(MailServer("127.0.0.1", port), timeout_s=0.5)

    assert (reply.by, reply.said) == ("server", "the mail server did not answer within 0.5 s")


@pytest.mark.parametrize(
    "said",
    [
        b"554 go away\r\n",
        b"421 busy\r\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\xff\xfe\r\n",
        b"220 x\r\n500 what\r\n500 what\r\n",
    ],
)
def test_what_is_no_mail_server_is_said_so(said: bytes) -> None:
    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(said)
        over.wait(1)

    with smtp_like(talk) as port:
        assert handed_in(MailServer("127.0.0.1", port), timeout_s=5).by == "server"


def test_a_port_where_nobody_listens_is_said_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        reply = handed_in(replace(MailServer("127.0.0.1", 1), port=taken.getsockname()[1]))

    assert reply.by == "server"
    assert "cannot be reached" in reply.said


def test_a_name_that_nobody_has_is_said_so() -> None:
    assert "cannot be reached" in handed_in(MailServer("mail.invalid", 25)).said
