"""SMTP: hands one message to the operator's mail server, within a deadline, and says what it answered.

The only module besides `egress` that opens a connection: where to is a setting, nothing that anybody types.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from ipaddress import ip_address

from postmortems.mail_addresses import MailServer
from postmortems.notify.mail.replies import Reply

TIMEOUT_S = 30.0
# What a server that knows sizes says to the first line of a message (RFC 1870 §6.1).
TOO_LARGE = 552


def hand_in(
    server: MailServer,
    sender: str,
    recipient: str,
    content: bytes,
    *,
    greeting: str,
    tls: ssl.SSLContext,
    timeout_s: float = TIMEOUT_S,
) -> Reply:
    """Hand the message in for one recipient; `greeting` is the host that we say we are.

    Raises nothing: what goes wrong is the reply's.
    """
    is_in = False
    try:
        with _session(server, greeting, tls, timeout_s) as session:
            session.ehlo_or_helo_if_needed()
            is_in = True
            session.sendmail(sender, [recipient], content)
        return Reply("taken", 250)
    except smtplib.SMTPRecipientsRefused as refused:
        code, told = refused.recipients[recipient]
        return Reply("recipient", code, _words(told))
    except smtplib.SMTPDataError as refused:
        return Reply("content", refused.smtp_code, _words(refused.smtp_error))
    except smtplib.SMTPSenderRefused as refused:
        by = "content" if refused.smtp_code == TOO_LARGE else "server"
        return Reply(by, refused.smtp_code, _words(refused.smtp_error))
    except (smtplib.SMTPException, OSError, UnicodeError) as broken:
        reply = _broken(broken, timeout_s)
        # A server that lets us in and then hangs up may do so because of this message: others are not to wait
        # for it.
        return replace(reply, by="content") if is_in else reply


def knock(server: MailServer, *, greeting: str, tls: ssl.SSLContext, timeout_s: float = TIMEOUT_S) -> Reply:
    """Go in as if to hand a message in, and hand none in: `taken` where that would do."""
    try:
        with _session(server, greeting, tls, timeout_s) as session:
            session.ehlo_or_helo_if_needed()
        return Reply("taken", 250)
    except (smtplib.SMTPException, OSError, UnicodeError) as broken:
        return _broken(broken, timeout_s)


def _broken(broken: Exception, timeout_s: float) -> Reply:
    """What is wrong with the server, whatever was to be handed in."""
    match broken:
        case smtplib.SMTPNotSupportedError():
            return Reply("server", 0, f"the mail server lacks what was asked of it: {broken}")
        case smtplib.SMTPAuthenticationError():
            return Reply("server", broken.smtp_code, "the mail server does not take our name and password")
        case smtplib.SMTPResponseException():
            return Reply("server", broken.smtp_code, _words(broken.smtp_error))
        case smtplib.SMTPException():
            return Reply("server", 0, f"the mail server broke off: {_words(str(broken))}")
        case ssl.SSLError():
            return Reply("server", 0, f"no TLS with the mail server: {broken.reason or broken}")
        case TimeoutError():
            return Reply("server", 0, f"the mail server did not answer within {timeout_s:g} s")
    reason = getattr(broken, "strerror", None) or str(broken)
    return Reply("server", 0, f"the mail server cannot be reached: {reason}")


@contextmanager
def _session(
    server: MailServer, greeting: str, tls: ssl.SSLContext, timeout_s: float
) -> Iterator[smtplib.SMTP]:
    late = threading.Event()
    session: smtplib.SMTP
    if server.tls == "tls":
        session = smtplib.SMTP_SSL(timeout=timeout_s, local_hostname=_greeting(greeting), context=tls)
    else:
        session = smtplib.SMTP(timeout=timeout_s, local_hostname=_greeting(greeting))
    # Who drips a byte a second never times out by itself.
    watchdog = threading.Timer(timeout_s, _break_off, (session, late))
    watchdog.daemon = True
    watchdog.start()
    try:
        # For the name in its certificate, which `connect` alone does not set.
        session._host = server.host  # type: ignore[attr-defined]
        code, told = session.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, told)
        if server.tls == "starttls":
            session.starttls(context=tls)
        if server.user:
            session.login(server.user, server.password)
        yield session
        # It is taken by now, whatever becomes of saying goodbye.
        with suppress(smtplib.SMTPException, OSError):
            session.quit()
    except (smtplib.SMTPServerDisconnected, OSError) as broken:
        # smtplib says of its own time limit only that the server is gone.
        if late.is_set() or isinstance(broken.__context__, TimeoutError):
            raise TimeoutError from broken
        raise
    finally:
        watchdog.cancel()
        session.close()


def _break_off(session: smtplib.SMTP, late: threading.Event) -> None:
    late.set()
    # Of the connection itself, whose layer of TLS belongs to the thread that waits.
    if session.sock is not None:
        with suppress(OSError):
            socket.socket.shutdown(session.sock, socket.SHUT_RDWR)


def _greeting(host: str) -> str:
    """Our name as RFC 5321 §4.1.3 has it: an address stands in brackets."""
    try:
        address = ip_address(host)
    except ValueError:
        return host or "localhost"
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"


def _words(told: bytes | str) -> str:
    text = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
    return " ".join(text.split())[:300]
